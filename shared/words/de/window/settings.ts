import type { settingsWords as en } from '../../en/window/settings.ts'
import type { Translation } from '../../make-say.ts'

export const settingsWords: Translation<typeof en> = {
  'reach.title': 'Wie andere diesen Computer erreichen',
  'reach.check': 'Prüfen',
  'reach.check-again': 'Noch einmal prüfen',
  'reach.promise': 'Sucht, was direkten Übertragungen im Weg steht.',
  'reach.looking': 'Es wird gesucht. Das dauert einige Sekunden.',
  'reach.free': 'Direkten Übertragungen steht nichts im Weg.',
  'reach.not-free': 'Dateien kommen an, aber nicht immer direkt.',
  'reach.what-helps': 'Was helfen würde',
  'reach.addresses': 'Adressen',
  'reach.no-address': 'Keine: Dieser Computer ist in keinem Netz.',
  'reach.local': 'in diesem Netz',
  'reach.global': 'im Internet',
  'reach.mapped': 'die des Routers, für diesen Computer',
  'reach.virtual': 'von einem Tunnel oder Container',
  'reach.loopback': 'nur dieser Computer',
  'reach.told': 'Kontakten mitgeteilt',
  'reach.not-told': 'nicht mitgeteilt',
  'reach.router': 'Router',
  'reach.router-not-asked': 'Nicht gefragt: Das ist ausgeschaltet.',
  'reach.router-asked': 'Wird noch gefragt. Prüfe gleich noch einmal.',
  'reach.router-forwards': 'Leitet {address} an diesen Computer weiter ({protocol}).',
  'reach.proxy': 'Proxy',
  'reach.no-proxy':
    'Dein Server hat keinen. Dateien, die nicht direkt ankommen können, gehen in kleinen Stücken über die Server: langsam.',
  'reach.proxy-helps': '{proxy} springt ein, wenn eine Datei nicht direkt ankommen kann.',

  'update.title': 'Updates',
  'update.off': 'Plumb sucht nicht von selbst nach neuen Versionen.',
  'update.not-looked': 'Plumb sucht bald nach einer neuen Version.',
  'update.newest': 'Das ist die neueste Version. Zuletzt nachgesehen: {time}.',
  'update.looking': 'Es wird nach einer neuen Version gesucht.',
  'update.downloading': 'Version {version} wird heruntergeladen.',
  'update.ready': 'Version {version} ist bereit und wird installiert, wenn du Plumb beendest.',
  'update.package-manager':
    'Neue Versionen kommen mit den Updates deines Systems: Seine Paketverwaltung hat Plumb installiert.',
  'update.flatpak': 'Flatpak hält Plumb aktuell.',
  'update.snap': 'Snap hält Plumb aktuell.',
  'update.by-hand':
    'Diese Kopie kann sich nicht selbst ersetzen: Hol neue Versionen dort, wo du diese herhast.',
  'update.nowhere':
    'Diese Kopie weiß nicht, wo sie nach neuen Versionen suchen soll: Hol sie dort, wo du diese herhast.',
  'update.download': 'Download der neuen Version',
  'update.automatic': 'Plumb aktuell halten',
  'update.automatic-hint':
    'Lädt neue Versionen im Hintergrund herunter und installiert sie beim Beenden, nie während einer Übertragung.',
  'update.beta': 'Neue Versionen früh ausprobieren',
  'update.beta-hint':
    'Betaversionen haben mehr Fehler. Wenn du das ausschaltest, folgt die nächste endgültige.',
  'update.restart': 'Jetzt neu starten',
  'update.look': 'Jetzt nachsehen',
  'update.dismiss': 'Ausblenden',
}
