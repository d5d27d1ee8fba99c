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
  'settings.title': 'Einstellungen',
  'settings.done': 'Fertig',

  'settings.files': 'Dateien',
  'settings.saved-to': 'Empfangene Dateien werden in <b>{folder}</b> gespeichert.',
  'settings.change-folder': 'Ändern …',
  'settings.pictures': 'Bilder in der Unterhaltung zeigen',
  'settings.pictures-hint':
    'Die von Personen, die nicht in deinen Kontakten sind, werden erst gezeigt, wenn du es verlangst.',

  'settings.privacy': 'Privatsphäre',
  'settings.who-sends': 'Wer dir Dateien senden darf',
  'settings.anyone-sends': 'Alle',
  'settings.anyone-sends-hint':
    'Dateien von Personen, die nicht in deinen Kontakten sind, warten in einer Liste, ohne dass du gefragt wirst.',
  'settings.contacts-send': 'Nur meine Kontakte',
  'settings.contacts-send-hint': 'Alles andere wird ungesehen abgelehnt.',
  'settings.who-sees-address': 'Wer die Netzadresse dieses Computers sehen darf',
  'settings.contacts-see-address': 'Nur meine Kontakte',
  'settings.contacts-see-address-hint': 'Eine direkte Verbindung zeigt beiden Seiten, wo die andere ist.',
  'settings.strangers-see-address': 'Auch Fremde, deren Datei ich annehme oder denen ich eine sende',
  'settings.away': 'Mich als abwesend zeigen, solange ich nicht hier bin',
  'settings.away-hint': 'Nach zehn Minuten ohne Eingabe, oder wenn der Bildschirm gesperrt ist.',

  'settings.chat': 'Chat',
  'settings.receipts': 'Sagen, dass Nachrichten angekommen sind',
  'settings.receipts-hint': 'Deine Kontakte sehen „Zugestellt“ unter dem, was sie dir gesendet haben.',
  'settings.displayed': 'Sagen, dass Nachrichten gesehen wurden',
  'settings.displayed-hint': 'Deine Kontakte sehen „Gesehen“ unter dem, was auf deinem Bildschirm war.',
  'settings.typing': 'Sagen, dass du schreibst',
  'settings.typing-hint': 'Während du tippst, sehen deine Kontakte „Schreibt …“.',

  'settings.connection': 'Verbindung',
  'settings.port': 'Port für direkte Verbindungen',
  'settings.any-port': 'Automatisch',
  'settings.fixed-port': 'Immer derselbe',
  'settings.fixed-port-hint': 'Für einen Router, der ihn an diesen Computer weiterleitet.',
  'settings.port-number': 'Port',
  'settings.no-port': 'Ein Port ist eine Zahl von {lowest} bis {highest}.',
  'settings.ask-router': 'Den Router um einen Port bitten (UPnP, NAT-PMP)',
  'settings.ask-router-hint':
    'Damit können sich andere von außerhalb dieses Netzes mit diesem Computer verbinden.',

  'settings.window': 'Fenster',
  'settings.language': 'Sprache',
  'settings.system-language': 'Wie das System',
  'settings.theme': 'Darstellung',
  'settings.system-theme': 'Wie das System',
  'settings.light': 'Hell',
  'settings.dark': 'Dunkel',
  'settings.notifications': 'Benachrichtigungen',
  'settings.notifications-hint': 'Solange das Fenster nicht im Vordergrund ist.',
  'settings.tray': 'Beim Schließen im Infobereich bleiben',
  'settings.tray-hint': 'Wird das Fenster geschlossen, läuft Plumb weiter, damit Dateien ankommen können.',
  'settings.tray-hint-linux':
    'Wird das Fenster geschlossen, läuft Plumb weiter, damit Dateien ankommen können. Startest du Plumb noch einmal, ist es wieder zu sehen, auch wo dieser Desktop keinen Infobereich hat.',
  'settings.start-at-login': 'Starten, wenn ich mich an diesem Computer anmelde',

  'settings.about': 'Über Plumb',
  'settings.about-plumb':
    'Plumb {version}. Dateien gehen geradewegs von einem Computer zum anderen, zwischen zwei beliebigen XMPP-Konten. MIT-Lizenz.',
}
