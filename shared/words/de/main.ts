import type { mainWords as source } from '../en/main.ts'
import type { Translation } from '../make-say.ts'

export const mainWords: Translation<typeof source> = {
  'address.malformed': '„{address}“ ist keine XMPP-Adresse: Eine solche sieht aus wie name@server.',

  'sign-in.server-not-proven':
    'Der Server konnte nicht beweisen, dass er dieses Konto kennt, und ist vielleicht ein falscher: Prüfe das Netz.',
  'sign-in.no-scram': 'Der Server hat auf die Anmeldung mit etwas anderem als SCRAM geantwortet.',
  'sign-in.no-service': '{domain} bietet keinen XMPP-Dienst an: Prüfe den Teil hinter dem @.',
  'sign-in.not-reached': '{domain} war nicht zu erreichen.',
  'sign-in.endless-stanza': 'Der Server hat eine Stanza ohne Ende gesendet.',
  'sign-in.no-stanza': 'Der Server hat etwas gesendet, das keine Stanza ist.',
  'sign-in.cancelled': 'Die Anmeldung wurde abgebrochen.',
  'sign-in.without-tls': 'Ohne TLS kannst du dich nur bei diesem Computer selbst anmelden.',
  'sign-in.no-encryption':
    '{domain} bietet keine Verschlüsselung an, deshalb wurde nichts dorthin gesendet: Frag den Betreiber, oder nimm einen anderen Server.',
  'sign-in.no-xmpp': '{domain} spricht kein XMPP.',
  'sign-in.closed': '{domain} hat die Verbindung geschlossen.',
  'sign-in.not-encrypted':
    'Zu {domain} kam keine verschlüsselte Verbindung zustande: Versuch es noch einmal.',
  'sign-in.name-not-found': '{host} ist gerade nicht zu finden: Prüfe das Netz.',
  'sign-in.no-such-server': 'Es gibt keinen Server namens {host}: Prüfe die Adresse.',
  'sign-in.unfinished': '{domain} hat die Anmeldung nicht abgeschlossen: Versuch es später noch einmal.',
  'sign-in.in-the-clear':
    'Die Verbindung ist nicht verschlüsselt, deshalb wurde das Passwort nicht gesendet.',
  'sign-in.nothing-safe': 'Der Server bietet keine Anmeldung an, die sicher genug ist.',
  'sign-in.closed-try-later': '{domain} hat die Verbindung geschlossen: Versuch es später noch einmal.',
  'sign-in.sent-elsewhere':
    '{domain} verweist auf einen anderen Server, und Plumb folgt dem nicht von selbst: Trage diesen Server selbst ein.',
  'sign-in.only-encrypted': '{domain} bietet keine Anmeldung ohne Verschlüsselung an.',
  'sign-in.wrong-password': '{domain} nimmt diese Adresse und dieses Passwort nicht an: Prüfe beide.',
  'sign-in.refused': '{domain} hat die Anmeldung abgelehnt ({condition}): Versuch es später noch einmal.',
  'sign-in.elsewhere': 'Dasselbe Konto hat sich anderswo noch einmal mit diesem Namen angemeldet.',
  'sign-in.not-served': 'Der Server ist nicht für {domain} zuständig: Prüfe die Adresse.',
  'sign-in.no-answer': '{domain} hat nicht rechtzeitig geantwortet: Versuch es später noch einmal.',
  'sign-in.failed': 'Die Anmeldung bei {domain} ist fehlgeschlagen: Versuch es später noch einmal.',
  'sign-in.server-silent':
    'Der Server hat nicht rechtzeitig geantwortet: Prüfe das Netz, und versuch es noch einmal.',
  'sign-in.nothing-there': 'Unter {host}, Port {port}, antwortet nichts: Prüfe die Adresse und das Netz.',
  'sign-in.first': 'Melde dich zuerst an.',
  'sign-in.already': 'Dieses Konto ist schon angemeldet.',
  'sign-in.signed-out': 'Du hast dich abgemeldet.',
  'sign-in.no-contact-list':
    'Der Server hat die Kontaktliste nicht herausgegeben: Versuch es später noch einmal.',
  'sign-in.not-remembered': 'Beim nächsten Start musst du dich neu anmelden. {problem}',

  'certificate.other-name': 'es für einen anderen Namen gilt',
  'certificate.expired': 'es abgelaufen ist',
  'certificate.not-yet-valid': 'es noch nicht gilt oder die Uhr dieses Computers falsch geht',
  'certificate.unknown-signer': 'es niemand unterschrieben hat, dem dieser Computer vertraut',
  'certificate.not-trusted':
    'Das Zertifikat von {domain} ist nicht vertrauenswürdig, weil {reason}: Frag den Betreiber des Servers.',

  'server.down': 'Die Verbindung zum Server ist gerade unterbrochen.',
  'server.gone': 'Die Verbindung zum Server ist weg.',
  'server.lost-before-confirmed':
    'Die Verbindung zum Server brach ab, bevor er das bestätigt hat: Versuch es noch einmal.',
  'server.no-answer': 'Der Server hat nicht geantwortet: Versuch es noch einmal.',
  'server.lost': 'Die Verbindung zum Server brach ab: Versuch es noch einmal.',
  'server.closed': '{domain} hat die Verbindung geschlossen: Versuch es noch einmal.',
  'server.not-connected': 'Gerade besteht keine Verbindung zum Server: Versuch es später noch einmal.',
  'server.not-connected-yet': 'Noch besteht keine Verbindung zum Server: Versuch es gleich noch einmal.',
  'server.not-answered-yet': 'Der Server hat noch nicht geantwortet: Warte noch einen Moment.',

  'port.taken':
    'Auf Port {port} kann Plumb nicht auf Verbindungen warten, weil ihn ein anderes Programm benutzt: Wähle einen anderen Port.',
  'port.forbidden':
    'Auf Port {port} kann Plumb nicht auf Verbindungen warten, weil das System es nicht erlaubt: Wähle einen anderen Port.',
  'port.any-instead': '{problem} Bis Plumb neu startet, nehmen direkte Verbindungen irgendeinen freien Port.',

  'direct.no-encryption':
    'Die Gegenseite bietet keine Verschlüsselung an: Bitte sie, ihr Programm zu aktualisieren, oder erlaube unverschlüsselte Übertragungen mit diesem Kontakt.',
  'direct.wrong-certificate':
    'Der andere Computer hat ein anderes Zertifikat gezeigt als das angekündigte, vielleicht sitzt jemand dazwischen: Versuch es noch einmal in einem Netz, dem du vertraust.',
  'direct.not-as-agreed':
    'Das andere Programm hat sich nicht an das vereinbarte Protokoll gehalten: Bitte den Kontakt, es zu aktualisieren.',
  'direct.too-slow':
    'Innerhalb von zehn Sekunden kam keine direkte Verbindung zustande: Prüft beide Firewalls, oder eine Seite öffnet einen Port in ihren Einstellungen.',
  'direct.unreachable':
    'Keiner der beiden Computer konnte den anderen erreichen: Prüft beide Firewalls, oder eine Seite öffnet einen Port in ihren Einstellungen.',
  'direct.refused':
    'Das andere Programm hat die direkte Verbindung abgelehnt: Bitte den Kontakt, es zu aktualisieren, und versuch es noch einmal.',
  'direct.no-dtcp':
    'Das andere Programm hat mit etwas geantwortet, das kein DTCP ist: Bitte den Kontakt, es zu aktualisieren.',
  'direct.shows-address':
    'Eine direkte Verbindung würde der Person die Adresse dieses Computers zeigen: Nimm sie zuerst in deine Kontakte auf.',
  'direct.other-instead':
    'Das Programm des Kontakts hat stattdessen um eine andere Verbindung gebeten: Du musst nichts tun.',

  'secure.broke': 'Die Verbindung brach ab, bevor sie verschlüsselt war: Versuch es noch einmal.',
  'secure.too-slow':
    'Das andere Programm hat zu lange gebraucht, um die Verbindung zu verschlüsseln: Versuch es noch einmal.',
  'secure.not-spoken':
    'Das andere Programm verschlüsselt die Verbindung nicht, wie es angekündigt hatte: Bitte den Kontakt, es zu aktualisieren.',

  'in-band.broke': 'Die Verbindung über die Server brach ab: Versuch es noch einmal.',
  'in-band.refused':
    'Das andere Programm wollte die Datei nicht über die Server annehmen: Bitte den Kontakt, es zu aktualisieren.',
  'in-band.in-messages':
    'Das andere Programm würde die Datei in Chatnachrichten senden, was nicht unterstützt wird: Bitte den Kontakt, es zu aktualisieren.',
  'in-band.too-many':
    'Es gehen zu viele Dateien gleichzeitig über die Server: Warte, bis einige davon fertig sind.',

  'proxy.cannot-hide':
    'Nur der Proxy unseres Servers könnte die Adresse dieses Computers verbergen, und hier lässt er sich nicht benutzen: Nimm die Person zuerst in deine Kontakte auf.',
  'proxy.none':
    'Niemand kann sich mit diesem Computer verbinden, und der Server hat keinen Proxy für Dateien: Lass Plumb auf Verbindungen warten, oder bitte den Betreiber des Servers um einen Proxy.',
  'proxy.refused-by-peer':
    'Das andere Programm hat die SOCKS5-Verbindung abgelehnt: Bitte den Kontakt, es zu aktualisieren, und versuch es noch einmal.',
  'proxy.neither-reached':
    'Der andere Computer konnte weder diesen noch den Proxy des Servers erreichen: Prüft beide Firewalls, oder öffne hier in den Einstellungen einen Port.',
  'proxy.not-reached':
    'Der andere Computer konnte diesen nicht erreichen, und der Server hat keinen Proxy für Dateien: Öffne hier in den Einstellungen einen Port, oder bitte den Betreiber des Servers um einen Proxy.',
  'proxy.not-told':
    'Das andere Programm hat sich mit etwas verbunden, das ihm nicht genannt wurde: Bitte den Kontakt, es zu aktualisieren.',
  'proxy.broke-at-once': 'Die Verbindung brach ab, sobald sie stand: Versuch es noch einmal.',
  'proxy.not-activated':
    'Der Proxy des Servers wollte die Datei nicht weiterreichen: Versuch es noch einmal, und wenn das nicht hilft, sag es dem Betreiber des Servers.',
  'proxy.no-socks5':
    'Der Proxy des Servers für Dateien hat mit etwas geantwortet, das kein SOCKS5 ist: Sag es dem Betreiber des Servers.',
  'proxy.turned-away':
    'Der Proxy des Servers für Dateien hat die Verbindung abgewiesen: Sag es dem Betreiber des Servers.',
  'proxy.unreachable':
    'Dieser Computer konnte den Proxy des Servers für Dateien nicht erreichen: Prüfe die Firewall hier.',
  'proxy.nothing-reached':
    'Dieser Computer konnte weder den anderen noch den Proxy eines Servers erreichen: Prüft beide Firewalls, oder die andere Seite öffnet einen Port in ihren Einstellungen.',

  'router.not-asked': 'Der Router wurde noch nicht gefragt: Das geschieht mit der nächsten Datei.',
  'router.not-needed':
    'Eine Weiterleitung ist nicht nötig: Dieser Computer hat selbst die öffentliche Adresse {address}.',
  'router.none': 'Es wurde kein Router gefunden: Verbinde diesen Computer mit einem, der ins Internet führt.',
  'router.silent': 'Der Router antwortet nicht: Schalte darin UPnP oder NAT-PMP ein.',
  'router.refused':
    'Der Router weigert sich ({reason}): Erlaube diesem Computer in den Einstellungen des Routers UPnP oder NAT-PMP.',
  'router.second':
    'Der Router hat die private Adresse {address}, vor ihm steht also noch einer: Mach einen der beiden zur Bridge.',
  'router.shared-by-provider':
    'Der Anbieter lässt viele Kunden eine Adresse teilen (der Router hat {address}): Bitte ihn um eine öffentliche IPv4-Adresse, oder benutzt auf beiden Seiten IPv6.',
  'router.offline':
    'Der Router hat keine öffentliche Adresse: Sieh nach, ob er online ist und ob ein zweiter Router oder der Anbieter davorsteht.',

  'reach.not-listening':
    'Niemand kann sich mit diesem Computer verbinden, weil er nicht auf Verbindungen wartet: Lass ihn auf einem Port warten.',
  'reach.no-network':
    'Dieser Computer ist in keinem Netz, in dem andere sein könnten: Verbinde ihn mit einem.',
  'reach.same-network': 'Andere können sich nur aus demselben Netz verbinden',
  'reach.only-ipv6':
    'Andere können sich über IPv6 verbinden, soweit der Router sie lässt, und über IPv4 nur aus demselben Netz',
  'reach.advice': '{who}: {mend}.',

  'mend.ask-router': 'Lass Plumb den Router um einen Port bitten',
  'mend.turn-on': 'Schalte im Router UPnP oder NAT-PMP ein',
  'mend.allow': 'Erlaube diesem Computer in den Einstellungen des Routers UPnP oder NAT-PMP',
  'mend.connect': 'Verbinde diesen Computer mit einem Router, der ins Internet führt',
  'mend.bridge': 'Zwei Router stehen hintereinander, mach also einen davon zur Bridge',
  'mend.public-address':
    'Bitte den Anbieter um eine öffentliche IPv4-Adresse, oder benutzt auf beiden Seiten IPv6',
  'mend.look': 'Sieh nach, ob der Router online ist und ob ein zweiter oder der Anbieter davorsteht',

  'peer.takes-no-files':
    'Keines der Programme von {address}, die online sind, nimmt Dateien an: Bitte die Person, Plumb zu starten.',
  'peer.not-online': '{address} ist nicht online: Versuch es später noch einmal.',
  'peer.no-contact':
    '{address} steht nicht in der Kontaktliste, deshalb ist nicht zu sehen, ob die Person online ist: Nimm sie auf, oder gib die volle Adresse mit ihrer Ressource an.',
  'peer.began-anew': 'Das Programm des Kontakts hat neu begonnen.',
  'peer.new-connection': 'Das Programm des Kontakts hat eine neue Verbindung begonnen.',
  'peer.never-asked':
    'Das Programm des Kontakts hat angenommen, aber nie um die Verbindung gebeten: Versuch es noch einmal.',
  'peer.awaited': 'Plumb wartet darauf, dass das Programm des Kontakts weitermacht.',
  'peer.no-common-way':
    'Die beiden Programme kennen keinen gemeinsamen Weg der Übertragung: Bitte den Kontakt, Plumb zu benutzen.',
  'peer.not-there':
    '{address} ist nicht online, oder das Programm dort nimmt keine Dateien an: Prüfe die Adresse, oder versuch es später noch einmal.',
  'peer.paused': 'Der Kontakt hat die Übertragung angehalten.',
  'peer.other-way':
    'Das andere Programm hat einen Weg der Übertragung gewählt, der nicht angeboten war: Bitte den Kontakt, es zu aktualisieren.',
  'peer.cannot-encrypt':
    'Das andere Programm kann nicht verschlüsseln: Bitte den Kontakt, Plumb zu benutzen, oder erlaube mit ihm unverschlüsselte Übertragungen.',
  'peer.no-such-part':
    'Das andere Programm hat einen Teil der Datei verlangt, den es nicht gibt: Bitte den Kontakt, es zu aktualisieren.',
  'peer.odd-certificate':
    'Das andere Programm hat ein Zertifikat auf eine Weise angekündigt, die nicht verstanden wird: Bitte den Kontakt, es zu aktualisieren.',
  'peer.went-offline':
    '{address} ist offline gegangen: Versuch es noch einmal, wenn die Person wieder da ist.',
  'peer.silent': 'Das Programm des Kontakts antwortet nicht mehr.',
  'peer.ended-early':
    'Die Gegenseite hat nach {received, number} von {size, number} Byte aufgehört: Versuch es noch einmal.',
  'peer.sent-more': 'Das andere Programm hat mehr gesendet, als es angeboten hatte.',
  'peer.cancelled': 'Der Kontakt hat die Übertragung abgebrochen.',
  'peer.disk-full':
    'Der Datenträger des Kontakts ist voll: Bitte ihn, Platz zu schaffen, dann geht es weiter.',
  'peer.cannot-write':
    'Der Computer des Kontakts konnte die Datei nicht schreiben: Bitte den Kontakt, einen anderen Ordner zu wählen.',
  'peer.found-damage': 'Die Datei kam beschädigt an und wurde verworfen: Sende sie noch einmal.',
  'peer.file-changed':
    'Die Datei hat sich auf dem Computer des Kontakts geändert, während sie gesendet wurde: Bitte ihn, sie noch einmal zu senden.',
  'peer.cannot-read':
    'Der Computer des Kontakts konnte die Datei nicht mehr lesen: Bitte den Kontakt, sie zu prüfen.',
  'peer.connection-broke': 'Die Verbindung brach ab: Sende die Datei noch einmal.',
  'peer.not-reached-us': 'Der Computer des Kontakts konnte diesen nicht erreichen: Prüft beide Firewalls.',
  'peer.program-ended': 'Das Programm des Kontakts wurde beendet: Es geht weiter, wenn er wieder da ist.',
  'peer.failed': 'Die Übertragung ist auf der Seite des Kontakts fehlgeschlagen: Versuch es noch einmal.',
  'peer.sent-more-than-agreed': 'Die Gegenseite hat mehr als die vereinbarten {limit, number} Byte gesendet.',
  'peer.not-understood':
    'Das andere Programm hat etwas gesendet, das nicht verstanden wird: Bitte den Kontakt, es zu aktualisieren.',
  'peer.no-answer': '{address} hat nicht geantwortet: Versuch es noch einmal.',

  'offer.you-declined': 'Du hast diese Datei abgelehnt.',
  'offer.declined': 'Der Kontakt hat die Datei abgelehnt.',
  'offer.not-acceptable':
    'Der Computer des Kontakts kann die Datei nicht annehmen: Frag den Kontakt nach seinem Speicherplatz und Ordner.',
  'offer.refused': 'Das andere Programm hat die Datei abgelehnt ({condition}): Versuch es noch einmal.',
  'offer.gone': 'Dieses Angebot gibt es nicht mehr: Es wurde beantwortet oder zurückgezogen.',
  'offer.shows-address':
    'Wenn du annimmst, sieht die Person die Adresse dieses Computers: Nimm sie zuerst in deine Kontakte auf, oder ändere das in den Einstellungen.',
  'offer.no-folder':
    'Der Ordner für Downloads lässt sich nicht anlegen: Wähle in den Einstellungen einen anderen.',
  'offer.accept': 'Annehmen',
  'offer.decline': 'Ablehnen',

  'transfer.cannot-pause':
    'Das andere Programm kann nicht anhalten: Brich die Übertragung ab, und sende sie später noch einmal.',
  'transfer.server-lost': 'Die Verbindung zum Server brach ab: Bitte noch einmal um die Datei.',
  'transfer.over': 'Diese Übertragung läuft nicht mehr.',
  'transfer.ended': 'Die Übertragung ist beendet.',
  'transfer.paused': 'Die Übertragung ist angehalten.',
  'transfer.kept':
    '{problem} Was schon angekommen ist, bleibt erhalten: Sende es noch einmal, dann geht es weiter.',
  'transfer.program-ended': 'Plumb wurde währenddessen beendet: Es muss noch einmal gesendet werden.',
  'transfer.you-cancelled': 'Du hast die Übertragung abgebrochen.',
  'transfer.cancelled': 'Die Übertragung wurde abgebrochen.',
  'transfer.not-what-was-sent': 'Was ankam, ist nicht, was gesendet wurde: Sende es noch einmal.',
  'transfer.unconfirmed':
    'Alles wurde gesendet, aber das andere Programm hat es nicht bestätigt: Frag den Kontakt, ob die Datei angekommen ist.',
  'transfer.connection-lost': 'Die Verbindung zur Gegenseite brach während der Übertragung ab.',
  'transfer.gone': 'Diese Übertragung steht nicht mehr in der Liste.',
  'transfer.under-way': 'Diese Übertragung läuft noch: Brich sie zuerst ab.',
  'transfer.closed': 'Plumb wurde währenddessen geschlossen.',
  'transfer.closed-goes-on':
    'Plumb wurde währenddessen geschlossen: Es geht weiter, wenn ihr beide online seid.',
  'transfer.closed-send-again': 'Plumb wurde währenddessen geschlossen: Sende es noch einmal.',
  'transfer.closed-ask-again': 'Plumb wurde währenddessen geschlossen: Bitte noch einmal darum.',
  'transfer.after-sign-in': 'Es wird gesendet, wenn du dich wieder anmeldest.',
  'transfer.not-online': 'Die Person ist nicht online.',
  'transfer.not-again': 'Von hier aus lässt sich das nicht noch einmal senden.',

  'file.no-folder': '{name} ist kein Ordner.',
  'file.no-unicode': 'Der Name von {name} ist nicht in Unicode: Benenne die Datei um.',
  'file.changed': '{name} wurde geändert, während es gesendet wurde: Sende es noch einmal.',
  'file.existing-changed':
    '{name} war schon hier und wurde inzwischen geändert: Es wird noch einmal gesendet.',
  'file.damaged': '{name} kam beschädigt an: Bitte noch einmal darum.',
  'file.changed-here': '{name} wurde geändert, während es ankam: Empfange es noch einmal.',
  'file.too-many-names': 'Es gibt zu viele Dateien namens {name}: Wähle einen anderen Ordner.',
  'file.replaced': '{name} wurde durch etwas anderes ersetzt: Empfange es noch einmal.',
  'file.files-changed': 'Die Dateien wurden geändert, während sie gesendet wurden: Sende sie noch einmal.',
  'file.is-folder': '{name} ist ein Ordner: Nur Dateien und Ordner lassen sich senden.',
  'file.is-device':
    '{name} ist ein Gerät, eine Pipe oder ein Socket: Nur Dateien und Ordner lassen sich senden.',
  'file.gone': '{name} ist nicht mehr, wo es war: Es wurde verschoben oder gelöscht.',
  'file.unnamed': 'Ohne Namen',
  'file.pasted-picture': 'Bild',

  'sending.too-many': 'Das sind mehr als {most, number} Dateien: Sende sie in Teilen.',
  'sending.no-file': 'Das ist keine Datei auf diesem Computer: Speichere es zuerst, und sende es dann.',
  'sending.no-picture': 'Das ist kein Bild, das Plumb kennt: Speichere es zuerst, und sende es dann.',
  'sending.too-many-pictures':
    'Es gibt {most, number} eingefügte Bilder, die noch nicht gesendet wurden: Entferne zuerst die fertigen Übertragungen.',
  'sending.took-too-long': 'Das hat zu lange gedauert: Zieh die Dateien noch einmal herein.',
  'sending.shows-address':
    '{name} gehört nicht zu deinen Kontakten, und das Senden würde der Person die Adresse dieses Computers zeigen: Nimm sie zuerst auf.',

  'folder.outside': '{name} läge nicht in dem Ordner, der gewählt wurde.',
  'folder.replaced': '{folder} ist nicht mehr der Ordner, der es war: Empfange es noch einmal.',
  'folder.something-else': 'Wo der Ordner {name} hingehört, liegt etwas anderes: Entferne es.',
  'folder.too-many-names': 'Es gibt zu viele Ordner namens {name}: Wähle einen anderen Ort.',
  'folder.too-many-for-zip':
    '{name} hat mehr als {most, number} Dateien und Ordner, zu viele für die Zip-Datei, die das Programm des Kontakts braucht: Sende den Ordner in Teilen.',
  'folder.refused': '{what}: {mend}.',
  'folder.not-sendable': '{name} kann nicht gesendet werden. {what}: {mend}.',
  'folder.other-than-offered':
    'Der Ordner des Kontakts ist nicht der, der angeboten wurde: Bitte den Kontakt, ihn noch einmal zu senden.',
  'folder.too-many': '{name} hat mehr als {most, number} Dateien und Ordner: Sende den Ordner in Teilen.',

  'fault.no-size': '„{path}“ hat keine Größe, die eine Datei haben kann',
  'fault.too-large': 'Der Ordner ist größer als jeder Datenträger',
  'fault.too-deep': '„{path}“ liegt mehr als {most, number} Ordner tief',
  'fault.no-name': '„{path}“ ist kein Name innerhalb eines Ordners',
  'fault.twice': 'Der Ordner enthält „{path}“ zweimal',
  'fault.same': '„{one}“ und „{other}“ wären auf vielen Computern dasselbe',
  'fault.senseless': 'Die Liste der Dateien des Ordners ergibt keinen Sinn',
  'fault.too-many': 'Der Ordner hat mehr als {most, number} Dateien und Ordner oder zu lange Namen',
  'fault.too-long': 'Der Pfad von „{path}“ ist zu lang',

  'mend-theirs.send-again': 'Bitte den Kontakt, den Ordner noch einmal zu senden',
  'mend-theirs.send-in-parts': 'Bitte den Kontakt, den Ordner in Teilen zu senden',
  'mend-theirs.send-inner': 'Bitte den Kontakt, den inneren Ordner allein zu senden',
  'mend-theirs.rename': 'Bitte den Kontakt, es umzubenennen',
  'mend-theirs.rename-one': 'Bitte den Kontakt, eins davon umzubenennen',
  'mend-theirs.shorten': 'Bitte den Kontakt, die Namen darin zu kürzen',

  'mend-yours.send-again': 'Sende den Ordner noch einmal',
  'mend-yours.send-in-parts': 'Sende den Ordner in Teilen',
  'mend-yours.send-inner': 'Sende den inneren Ordner allein',
  'mend-yours.rename': 'Benenne es um',
  'mend-yours.rename-one': 'Benenne eins davon um',
  'mend-yours.shorten': 'Kürze die Namen darin',

  'disk.no-room':
    '{name} braucht {needed}, aber in {folder} sind nur {free} frei: Schaff Platz, und versuch es noch einmal.',
  'disk.partial-changed':
    'Was von {name} angekommen war, wurde ersetzt oder geändert: Empfange es noch einmal.',
  'disk.full': 'Der Datenträger ist voll: Schaff Platz für {name}, und versuch es noch einmal.',
  'disk.quota':
    'Dein Speicherkontingent ist verbraucht: Schaff Platz für {name}, und versuch es noch einmal.',
  'disk.write-forbidden': 'Du darfst {name} nicht schreiben: Wähle einen anderen Ordner.',
  'disk.read-only': '{name} liegt auf einem schreibgeschützten Datenträger: Wähle einen anderen Ordner.',
  'disk.no-folder': 'Den Ordner von {name} gibt es nicht: Wähle einen anderen.',
  'disk.name-too-long':
    'Der Name von {name} ist zu lang für den Datenträger: Speichere es unter einem kürzeren.',
  'disk.not-written':
    '{name} konnte nicht geschrieben werden ({reason}): Prüfe den Datenträger, oder wähle einen anderen Ordner.',
  'disk.not-found': '{name} gibt es dort nicht: Prüfe den Pfad, und ob es verschoben wurde.',
  'disk.read-forbidden': 'Du darfst {name} nicht lesen: Ändere das, oder sende eine Kopie.',
  'disk.not-read':
    '{name} konnte nicht gelesen werden ({reason}): Prüfe den Datenträger, und versuch es noch einmal.',
  'disk.fat':
    '{name} ist größer, als der Datenträger für eine Datei erlaubt: Datenträger mit FAT32 fassen Dateien bis 4 GiB. Wähle einen Ordner auf einem anderen Datenträger.',
  'disk.too-large-for-fat':
    '{name} ({size}) ist zu groß: Datenträger mit FAT32 fassen Dateien bis 4 GiB. Wähle einen Ordner auf einem anderen Datenträger.',

  'damaged.settings':
    'Die Einstellungen konnten nicht gelesen werden und wurden zurückgesetzt. Die alte Datei wurde als {file} aufgehoben.',
  'damaged.transfers':
    'Die Liste der Übertragungen konnte nicht gelesen werden und beginnt von vorn. Die alte Datei wurde als {file} aufgehoben.',
  'damaged.window-place':
    'Die Lage des Fensters konnte nicht gelesen werden und wurde zurückgesetzt. Die alte Datei wurde als {file} aufgehoben.',
  'damaged.history':
    'Deine Gespräche konnten nicht gelesen werden und beginnen von vorn. Die alte Datei wurde als {file} aufgehoben.',

  'not-saved.settings':
    'Die Einstellungen konnten nicht gespeichert werden: Schaff Platz auf dem Datenträger, und prüfe, ob Plumb in seinen eigenen Ordner schreiben darf.',
  'not-saved.transfers':
    'Die Liste der Übertragungen konnte nicht gespeichert werden: Schaff Platz auf dem Datenträger, und prüfe, ob Plumb in seinen eigenen Ordner schreiben darf.',
  'not-saved.window-place':
    'Die Lage des Fensters konnte nicht gespeichert werden: Schaff Platz auf dem Datenträger, und prüfe, ob Plumb in seinen eigenen Ordner schreiben darf.',
  'not-saved.history':
    'Deine Gespräche konnten nicht gespeichert werden: Schaff Platz auf dem Datenträger, und prüfe, ob Plumb in seinen eigenen Ordner schreiben darf.',
  'history.full': 'Deine Gespräche konnten nicht gespeichert werden: Schaff Platz auf dem Datenträger.',
  'history.not-read': 'Deine Gespräche konnten nicht gelesen werden: Prüfe den Datenträger dieses Computers.',
  'history.not-exported':
    'Nichts wurde exportiert: Deine Gespräche konnten vom Datenträger dieses Computers nicht gelesen werden.',

  'store.journal-not-saved':
    'Was gerade läuft, konnte nicht notiert werden: Schaff Platz auf dem Datenträger, und prüfe, ob Plumb in seinen eigenen Ordner schreiben darf.',

  'update.not-understood':
    'Was der Update-Server sagt, ist nicht zu verstehen: Plumb sieht von selbst wieder nach.',
  'update.refused': 'Das Update wurde abgelehnt, weil {reason}: Diese Version bleibt und ist sicher.',
  'update.mac-refused':
    'macOS hat das Update nicht genommen, und diese Version bleibt: Verschiebe Plumb zu deinen Programmen, oder hol die neue Version von Hand.',
  'update.damaged':
    'Das Update wurde unterwegs beschädigt und verworfen: Plumb versucht es von selbst noch einmal.',
  'update.no-room':
    'Auf dem Datenträger ist kein Platz für das Update: Schaff welchen, und sieh noch einmal nach.',
  'update.folder-forbidden':
    'Das Update kann nicht gespeichert werden, weil Plumb nicht in seinen Ordner schreiben darf: Prüfe dessen Rechte.',
  'update.not-saved':
    'Das Update konnte auf diesem Computer nicht gespeichert werden: Plumb versucht es von selbst noch einmal.',
  'update.no-releases':
    'Der Update-Server hat keine Versionen dieser Art: Plumb sieht von selbst wieder nach.',
  'update.proxy-password':
    'Der Proxy dieses Netzes will einen Namen und ein Passwort: Hol die neue Version mit deinem Browser.',
  'update.server-trouble':
    'Der Update-Server hat Schwierigkeiten ({status}): Plumb sieht von selbst wieder nach.',
  'update.not-reached': 'Der Update-Server war nicht zu erreichen: Plumb sieht von selbst wieder nach.',
  'update.no-parts': 'Der Update-Server liefert keine Teile.',
  'update.cut-off': 'Der Download des Updates brach ab.',
  'update.sent-more': 'Der Update-Server hat mehr gesendet, als er sollte.',
  'update.server-silent': 'Der Update-Server antwortet nicht.',
  'update.none': 'Es gibt kein Update zu installieren.',
  'update.not-for-this-computer':
    'Die neueste Version gibt es für diesen Computer noch nicht: Plumb sieht von selbst wieder nach.',
  'update.app-image-forbidden':
    'Plumb darf sich dort, wo es liegt, nicht ersetzen: Verschiebe sein AppImage in einen Ordner, der dir gehört, oder hol die neue Version von Hand.',
  'update.no-room-beside': 'Neben dem AppImage von Plumb ist kein Platz für das Update: Schaff welchen.',
  'update.transfers-run':
    '{running, plural, one {Eine Übertragung läuft} other {# Übertragungen laufen}}: Das Update wird installiert, wenn Plumb danach geschlossen wird.',

  'refusal.unreadable-signature': 'seine Signatur nicht zu lesen ist',
  'refusal.not-ours': 'es nicht von den Machern von Plumb signiert wurde',
  'refusal.nothing-known': 'über seinen Inhalt nichts bekannt ist',
  'refusal.not-as-announced': 'nicht das heruntergeladen wurde, was angekündigt war',
  'refusal.too-large': 'es größer ist als angekündigt',
  'refusal.changed-here': 'es auf diesem Datenträger verändert wurde',
  'refusal.not-as-signed': 'nicht das heruntergeladen wurde, was signiert ist',
  'refusal.beta': 'es eine Beta ist und keine verlangt wurde',
  'refusal.no-signature': 'es keine Signatur hat',
  'refusal.other-signature': 'seine Signatur für etwas anderes gilt',

  'password.no-keyring': 'Dieses System hat keinen Schlüsselbund, der es sicher verwahren könnte.',
  'password.not-stored': 'Das Passwort konnte nicht gespeichert werden: Schaff Platz auf dem Datenträger.',
  'password.not-removed':
    'Das gespeicherte Passwort konnte nicht entfernt werden: Lösche password.json in Plumbs eigenem Ordner.',
  'password.needed': 'Ein Konto braucht ein Passwort: Wähle eins.',
  'password.too-long': 'Dieses Passwort ist zu lang: Wähle ein kürzeres.',
  'password.odd-sign':
    'Dieses Passwort hat ein Zeichen, bei dem sich die Programme nicht einig sind: Nimm Buchstaben, Ziffern und übliche Zeichen.',

  'account.too-many': 'Plumb nimmt höchstens {most, number} Konten gleichzeitig: Entferne zuerst eins.',
  'account.gone': 'Dieses Konto steht nicht mehr in der Liste.',
  'account.not-awaited': 'Der Server wartet nicht mehr auf diese Antworten: Beginne von vorn.',

  'account-refused.password': '{domain} hat das Passwort nicht geändert ({condition}): Frag den Betreiber.',
  'account-refused.answers': '{domain} hat das Konto nicht geändert ({condition}): Frag den Betreiber.',
  'account-refused.deletion': '{domain} hat das Konto nicht gelöscht ({condition}): Frag den Betreiber.',

  'account-refused-because.password': '{domain} hat das Passwort nicht geändert und sagt dazu: „{reason}“',
  'account-refused-because.answers': '{domain} hat das Konto nicht geändert und sagt dazu: „{reason}“',
  'account-refused-because.deletion': '{domain} hat das Konto nicht gelöscht und sagt dazu: „{reason}“',

  'registration.closed': '{domain} legt hier keine Konten an: Wähle einen anderen Server.',
  'registration.given-up': 'Das Anlegen des Kontos wurde abgebrochen.',
  'registration.too-slow': 'Das Anlegen des Kontos hat zu lange gedauert: Beginne von vorn.',
  'registration.no-name': 'Dieser Name kann kein Teil einer Adresse sein: Nimm Buchstaben und Ziffern.',
  'registration.name-taken': '„{name}“ ist bei {domain} schon vergeben: Wähle einen anderen Namen.',
  'registration.refused':
    '{domain} hat das Konto nicht angelegt ({condition}): Prüfe, was du ausgefüllt hast, oder wähle ein längeres Passwort.',
  'registration.refused-for-now':
    '{domain} hat das Konto nicht angelegt ({condition}): Versuch es später noch einmal.',
  'registration.not-allowed':
    '{domain} hat das Konto nicht angelegt ({condition}): Wähle einen anderen Namen oder einen anderen Server.',
  'registration.refused-because': '{domain} hat das Konto nicht angelegt und sagt dazu: „{reason}“',

  'form.too-long': '„{label}“ ist zu lang: Kürze es.',
  'form.needed': '„{label}“ muss ausgefüllt werden.',
  'form.no-choice': 'Auf „{label}“ lässt sich damit nicht antworten: Wähle etwas anderes.',

  'shell.no-program': 'Kein Programm öffnet diese Datei: Zeig sie stattdessen in ihrem Ordner.',
  'shell.only-links': 'Nur Webseiten und Mailadressen lassen sich öffnen.',

  'contacts.only-they-have-groups': 'Nur wer in der Kontaktliste steht, hat Gruppen.',
  'contacts.yourself': 'Das ist deine eigene Adresse.',
  'contacts.not-changed': 'Der Server hat die Kontaktliste nicht geändert: Versuch es später noch einmal.',

  'blocking.unsupported': 'Der Server dieses Kontos kann niemanden blockieren.',
  'blocking.whole-server': 'Ganz {server} ist blockiert: Gib den Server in der Liste der Blockierten frei.',
  'blocking.refused': 'Der Server hat das nicht getan: Versuch es später noch einmal.',
  'blocking.blocked': 'Du hast {name} blockiert: Gib die Person zuerst frei.',

  'message.empty': 'In dieser Nachricht steht nichts.',
  'message.too-long': 'Diese Nachricht ist zu lang zum Senden: Sende sie als Datei.',
  'message.no-more': 'Dieses Gespräch nimmt keine Nachrichten mehr auf.',
  'message.not-last': 'Nur die letzte gesendete Nachricht lässt sich korrigieren.',
  'message.not-waiting': 'Diese Nachricht wartet nicht darauf, gesendet zu werden.',
  'message.not-online':
    'Die Nachricht kam nicht an: Die Person ist nicht online, und ihr Server hebt nichts für später auf.',
  'message.refused': 'Die Nachricht kam nicht an: Der Server der Person hat sie abgelehnt ({condition}).',

  'archive.no-answer': 'Das Archiv des Servers hat nicht geantwortet: Versuch es noch einmal.',
  'archive.not-understood':
    'Das Archiv des Servers hat eine unverständliche Antwort gegeben: Versuch es später noch einmal.',

  'picture.unreadable': 'Diese Datei lässt sich nicht lesen: Prüfe ihre Berechtigungen.',
  'picture.none': 'Das kann nicht dein Bild sein: Wähle ein PNG, JPEG, GIF oder WebP, das nicht so groß ist.',
  'picture.too-large': 'Das kann nicht dein Bild sein: Wähle ein kleineres.',
  'dialog.choose-picture': 'Wähle dein Bild',
  'dialog.pictures': 'Bilder',

  'profile.not-kept': 'Der Server hebt das nicht für dich auf: Versuch es später noch einmal.',
  'profile.card-too-long': 'Die Visitenkarte dieses Kontos ist zu lang, um sie hier zu ändern.',

  'program.question': '„{name}“ öffnen?',
  'program.warning':
    'Es kam von {sender} und ist vielleicht ein Programm. Öffne es nur, wenn du es erwartet hast: Ein Programm kann alles tun, was du tun kannst.',
  'program.do-not-open': 'Nicht öffnen',
  'program.open': 'Öffnen',

  'start.failed': 'Plumb kann nicht starten',
  'start.no-certificate': '{file} enthält kein Zertifikat in PEM: Prüfe --ca.',
  'start.not-at-login':
    'Plumb konnte nicht unter die Programme aufgenommen werden, die mit deiner Sitzung starten.',

  'window.not-trusted': 'Diese Seite darf um nichts bitten.',

  'notification.transferred': 'Datei übertragen',
  'notification.received': '{name} von {person} ist da.',
  'notification.sent': '{name} ist bei {person} angekommen.',
  'notification.stopped': 'Eine Übertragung wurde gestoppt',
  'notification.why-stopped': '{name}: {problem}',
  'notification.file': '{person} möchte dir eine Datei senden',
  'notification.folder': '{person} möchte dir einen Ordner senden',
  'notification.name-and-size': '{name}, {size}',
  'notification.stranger': 'Jemand, der nicht zu deinen Kontakten gehört, hat dir geschrieben.',
  'notification.missed':
    '{count, plural, one {Während du weg warst, kam eine Nachricht.} other {Während du weg warst, kamen # Nachrichten.}}',

  'bug.happened':
    'In Plumb selbst ist etwas schiefgegangen: Versuch es noch einmal, und sag es den Entwicklern, wenn es wieder geschieht.',

  'crash.happened': 'Das Fenster ist mehrmals abgestürzt.',
  'crash.consolation': 'Deine Übertragungen laufen auch ohne das Fenster weiter.',
  'crash.leave': 'Leer lassen',
  'crash.show-again': 'Wieder anzeigen',

  'quit.consequence':
    'Beim Beenden werden sie unterbrochen. Beim nächsten Start gehen sie dort weiter, wo sie jetzt stehen; nur was andere Programme senden oder empfangen, muss neu beginnen.',
  'quit.keep-running': 'Weiterlaufen lassen',
  'quit.quit': 'Beenden',
  'quit.transfers-run': '{running, plural, one {Eine Übertragung läuft.} other {# Übertragungen laufen.}}',

  'dialog.send-files': 'Dateien senden',
  'dialog.send': 'Senden',
  'dialog.save-as': 'Speichern unter',
  'dialog.download-folder': 'Ordner für Downloads',
  'dialog.save-in': 'Speichern in',
  'dialog.save-here': 'Hier speichern',
  'dialog.send-folder': 'Ordner senden',
  'dialog.export': 'Exportieren',

  'taskbar.waiting': '{waiting, plural, one {# wartet} other {# warten}}',

  'tray.open': 'Plumb öffnen',

  'menu.settings-mac': 'Einstellungen …',
  'menu.settings': 'Einstellungen',
  'menu.quit-mac': 'Plumb beenden',
  'menu.exit': 'Beenden',
  'menu.file': '&Datei',
  'menu.send-files': 'Dateien senden …',
  'menu.add-person': 'Person hinzufügen …',
  'menu.view': '&Ansicht',
  'menu.find': 'Suchen',
  'menu.transfers': 'Übertragungen',
  'menu.waiting-offer': 'Zum wartenden Angebot',
  'menu.help': '&Hilfe',
  'menu.about': 'Über Plumb',
  'menu.services': 'Dienste',
  'menu.hide': 'Plumb ausblenden',
  'menu.hide-others': 'Andere ausblenden',
  'menu.show-all': 'Alle einblenden',
  'menu.close': 'Schließen',
  'menu.actual-size': 'Originalgröße',
  'menu.zoom-in': 'Vergrößern',
  'menu.zoom-out': 'Verkleinern',
  'menu.full-screen': 'Vollbild ein/aus',
  'menu.edit': '&Bearbeiten',
  'menu.undo': 'Rückgängig',
  'menu.redo': 'Wiederholen',
  'menu.cut': 'Ausschneiden',
  'menu.copy': 'Kopieren',
  'menu.paste': 'Einfügen',
  'menu.paste-plain': 'Einfügen und Stil anpassen',
  'menu.delete': 'Löschen',
  'menu.select-all': 'Alles auswählen',
  'menu.speech': 'Sprachausgabe',
  'menu.start-speaking': 'Sprachausgabe starten',
  'menu.stop-speaking': 'Sprachausgabe stoppen',
  'menu.window': '&Fenster',
  'menu.minimize': 'Minimieren',
  'menu.zoom': 'Zoomen',
  'menu.bring-to-front': 'Alle nach vorne bringen',
}
