import type { talkWords as en } from '../../en/window/talk.ts'
import type { Translation } from '../../make-say.ts'

export const talkWords: Translation<typeof en> = {
  'composer.message': 'Nachricht an {name}',
  'composer.attach': 'Anhängen',
  'composer.send-files': 'Dateien senden …',
  'composer.send-folder': 'Ordner senden …',
  'composer.emoji': 'Emoji',
  'composer.send': 'Senden',
  'composer.send-correction': 'Korrektur senden',
  'composer.edits': 'Du bearbeitest deine letzte Nachricht. Mit Escape bleibt sie, wie sie ist.',
  'composer.editing': 'Du bearbeitest deine letzte Nachricht',
  'composer.correcting': 'Die Korrektur wird gesendet …',
  'composer.stop-editing': 'Nicht mehr bearbeiten',
  'composer.picture-gone': 'Das Bild ist weg: kopiere es noch einmal.',

  'talk.none': 'Gespräch',
  'talk.with': 'Gespräch mit {name}',
  'talk.own': 'Dein eigenes Konto, auf einem anderen Gerät',
  'talk.writing': 'Schreibt …',
  'talk.is-writing': '{name} schreibt.',
  'talk.add': 'Zu den Kontakten hinzufügen',
  'talk.send-files': 'Dateien senden',
  'talk.details': 'Angaben zum Kontakt',
  'talk.transfers': 'Übertragungen',
  'talk.blocked': 'Du hast {name} blockiert.',
  'talk.unblock': 'Freigeben',

  'empty.first': 'Füge die erste Person hinzu',
  'empty.first-hint':
    'Du brauchst ihre Adresse, zum Beispiel anna@example.org. Die Person wird gefragt, ob du sie sehen darfst.',
  'empty.add': 'Person hinzufügen',
  'empty.choose': 'Wähle jemanden aus',
  'empty.choose-hint':
    'Oder zieh eine Datei oder einen Ordner auf einen Namen in der Liste: es geht geradewegs auf den anderen Computer.',
  'empty.unsaid': 'Noch nichts zwischen dir und {name}',
  'empty.unsaid-hint': 'Zieh eine Datei oder einen Ordner hierher, oder schreib etwas.',

  'drop.to': 'Loslassen, um an {name} zu senden',
  'drop.online':
    '{count, plural, one {Eine Datei oder ein Ordner} other {# Dateien oder Ordner}}. Geradewegs auf den anderen Computer.',
  'drop.offline':
    '{count, plural, one {Eine Datei oder ein Ordner} other {# Dateien oder Ordner}}. Wird gesendet, wenn die Person online ist.',

  'message.all': 'Nachrichten mit {name}',
  'message.announced': '{name}: {text}',
  'message.unread': 'Neu',
  'message.newest': 'Neueste',
  'message.edited': 'Bearbeitet',
  'message.copy': 'Kopieren',
  'message.edit': 'Bearbeiten',
  'message.again': 'Noch einmal versuchen',
  'message.show-all': 'Alles anzeigen',
  'message.show-less': 'Weniger anzeigen',
  'message.code': 'Code',

  'delivery.sending': 'Wird gesendet …',
  'delivery.waiting': 'Wartet auf die Verbindung',
  'delivery.failed': 'Nicht gesendet',
  'delivery.sent': 'Gesendet',
  'delivery.delivered': 'Zugestellt',
  'delivery.displayed': 'Gesehen',

  'said.title': 'Das Gespräch',
  'said.export': 'Gespräch exportieren …',
  'said.as-text': 'Als Text, zum Lesen …',
  'said.as-json': 'Als JSON, für Programme …',
  'said.exported': 'Das Gespräch wurde exportiert.',
  'said.delete': 'Gespräch löschen …',
  'said.delete-question': 'Das Gespräch mit {name} löschen?',
  'said.delete-consequence':
    'Es wird auf diesem Computer gelöscht und kommt nicht wieder. Dein Server, deine anderen Geräte und die der anderen Person haben vielleicht eine Kopie. Angekommene Dateien bleiben, wo sie sind.',
  'said.keep': 'Behalten',
  'said.delete-now': 'Löschen',

  'emoji.title': 'Emoji',
  'emoji.search': 'Emoji suchen',
  'emoji.none': 'Keine gefunden',

  'emoji-group.recent': 'Zuletzt benutzt',
  'emoji-group.found': 'Gefunden',
  'emoji-group.smileys': 'Smileys',
  'emoji-group.people': 'Menschen',
  'emoji-group.signs': 'Herzen und Zeichen',
  'emoji-group.nature': 'Natur und Essen',
  'emoji-group.things': 'Dinge und Orte',

  'time.today': 'Heute',
  'time.yesterday': 'Gestern',
  'time.seconds': '{seconds, number} s',
  'time.minutes': '{minutes, number} min',
  'time.hours': '{hours, number} h',
  'time.hours-minutes': '{hours, number} h {minutes, number} min',

  'receipt.compare': 'Den Prüfcode vergleichen',
  'receipt.attempt': '<b>{method}:</b> {problem}',
  'receipt.reach': 'Wie andere diesen Computer erreichen',

  'parts.close': 'Schließen',
  'parts.dismiss': 'Ausblenden',
  'parts.menu': 'Menü',
  'parts.show-typed': 'Eingabe anzeigen',
  'parts.hide-typed': 'Eingabe verbergen',
}
