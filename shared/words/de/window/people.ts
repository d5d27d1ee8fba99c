import type { peopleWords as en } from '../../en/window/people.ts'
import type { Translation } from '../../make-say.ts'

export const peopleWords: Translation<typeof en> = {
  'people.title': 'Personen',
  'people.search': 'Personen, Nachrichten und Dateien suchen',
  'people.search-short': 'Suchen',
  'people.group': 'Gruppe',
  'people.everybody': 'Alle',
  'people.requests': 'Anfragen',
  'people.strangers':
    '{count, plural, one {Eine Datei von jemandem, der nicht in deinen Kontakten ist} other {# Dateien von Personen, die nicht in deinen Kontakten sind}}',
  'people.show-everybody': 'Alle anzeigen',
  'people.none': 'Noch niemand hier. Füge jemanden mit seiner Adresse hinzu, um Dateien zu senden.',
  'people.add': 'Person hinzufügen',

  'request.asks': '<b>{address}</b> möchte dich hinzufügen und sehen, wann du online bist.',
  'request.asks-account': '<b>{address}</b> möchte {account} hinzufügen und sehen, wann du online bist.',
  'request.more': '{count, plural, one {# weitere Anfrage wartet.} other {# weitere Anfragen warten.}}',
  'request.decline': 'Ablehnen',
  'request.allow': 'Erlauben',

  'person.details': 'Angaben',
  'person.rename': 'Umbenennen …',
  'person.remove': 'Entfernen …',
  'person.for-account': '<unseen>Für dein Konto</unseen> {account}',
  'person.drop': 'Loslassen, um zu senden',
  'person.blocked': 'Blockiert',
  'person.writing': 'Schreibt …',
  'person.you-said': 'Du: {text}',
  'person.asked': 'Wartet auf eine Antwort',
  'person.unread': '{count, number} ungelesen',
  'person.over': '{count, number}+',

  'availability.online': 'Online',
  'availability.away': 'Abwesend',
  'availability.busy': 'Beschäftigt',
  'availability.offline': 'Offline',

  'presence.online': 'Online auf {devices}',
  'presence.busy': 'Beschäftigt auf {devices}',
  'presence.away': 'Abwesend auf {devices}',
  'presence.away-since': 'Abwesend auf {devices} seit {time}',
  'presence.away-since-yesterday': 'Abwesend auf {devices} seit gestern',
  'presence.offline': 'Offline',
  'presence.asked': 'Muss erst erlauben, gesehen zu werden',
  'presence.unseen': 'Du kannst nicht sehen, wann die Person online ist',
  'presence.blocked': 'Blockiert',
  'presence.no-contact': 'Nicht in deinen Kontakten',

  'subscription.no-contact': '{name} ist nicht in deinen Kontakten.',
  'subscription.both': 'Beide sehen, wann der andere online ist.',
  'subscription.to': 'Du siehst, wann {name} online ist. {name} kann dich nicht sehen.',
  'subscription.from': '{name} sieht, wann du online bist. Umgekehrt siehst du es nicht.',
  'subscription.from-asked':
    '{name} sieht, wann du online bist. Deine Anfrage, es umgekehrt auch zu sehen, wartet auf eine Antwort.',
  'subscription.none': 'Keiner von euch sieht, wann der andere online ist.',
  'subscription.none-asked': 'Deine Anfrage, zu sehen, wann {name} online ist, wartet auf eine Antwort.',

  'found.all': 'Gefunden: {things}.',
  'found.people': '{count, plural, one {# Person} other {# Personen}}',
  'found.messages': '{count, plural, one {# Nachricht} other {# Nachrichten}}',
  'found.files': '{count, plural, one {# Datei} other {# Dateien}}',
  'found.nothing': 'Nichts wurde gefunden.',
  'found.you-said': 'Du: <line></line>',

  'found-heading.people': 'Personen',
  'found-heading.messages': 'Nachrichten',
  'found-heading.files': 'Dateien',

  'strangers.title': 'Von Personen, die nicht in deinen Kontakten sind',
  'strangers.warning': 'Jeder kann eine Datei anbieten. Lehne ab, was du nicht erwartest.',
  'strangers.none': 'Hier wartet nichts mehr.',
  'strangers.file': 'Eine Datei, {size} · {time}',
  'strangers.file-unsized': 'Eine Datei, Größe nicht bekannt · {time}',
  'strangers.folder': 'Ein Ordner, {size} · {time}',
  'strangers.folder-unsized': 'Ein Ordner, Größe nicht bekannt · {time}',
  'strangers.decline': 'Ablehnen',
  'strangers.review': 'Ansehen',
  'strangers.decline-all': 'Alle ablehnen',
  'strangers.close': 'Schließen',

  'add-person.title': 'Person hinzufügen',
  'add-person.hint': 'Die Person wird gefragt, ob du sehen darfst, wann sie online ist.',
  'add-person.address': 'Adresse',
  'add-person.example': 'anna@example.org',
  'add-person.malformed': 'Eine Adresse sieht aus wie name@example.org.',
  'add-person.name': 'Name',
  'add-person.optional': 'kann leer bleiben',
  'add-person.account': 'Kontakt von',
  'add-person.cancel': 'Abbrechen',
  'add-person.add': 'Hinzufügen',

  'remove-person.question': '{name} entfernen?',
  'remove-person.contact':
    'Keiner von euch sieht mehr, wann der andere online ist. Angekommene Dateien bleiben, wo sie sind.',
  'remove-person.stranger':
    'Die Person verschwindet aus dieser Liste, und das Gespräch wird auf diesem Computer gelöscht. Angekommene Dateien bleiben, wo sie sind.',
  'remove-person.delete-said': 'Gespräch löschen',
  'remove-person.delete-said-hint':
    'Nur auf diesem Computer: dein Server und andere Geräte haben vielleicht eine Kopie.',
  'remove-person.keep': 'Behalten',
  'remove-person.remove': 'Entfernen',

  'contact.name': 'Name',
  'contact.remove': 'Entfernen …',
  'contact.add': 'Zu den Kontakten hinzufügen …',
  'contact.done': 'Fertig',
  'contact.blocked':
    'Du hast {name} blockiert: diese Person kann dir weder schreiben noch Dateien senden und sieht dich immer offline.',
  'contact.not-blocked':
    'Wen du blockierst, der kann dir weder schreiben noch Dateien senden und sieht dich immer offline.',
  'contact.block': 'Blockieren …',
  'contact.unblock': 'Freigeben',
  'contact.devices': 'Geräte, die online sind',
  'contact.direct': 'empfängt Dateien direkt',
  'contact.not-direct': 'kann nicht direkt empfangen',
  'contact.direct-asked': 'wird gefragt, was es kann',
  'contact.accept': 'Dateien immer annehmen',
  'contact.accept-hint':
    'Dateien von {name} werden ohne Nachfrage gespeichert, wenn sie nicht größer sind als hier angegeben.',
  'contact.accept-most': 'Bis zu',
  'contact.megabytes': 'MB',
  'contact.accept-range': 'Von {least, number} bis {most, number}',
  'contact.unencrypted': 'Unverschlüsselte Verbindungen erlauben',
  'contact.unencrypted-hint':
    'Nur wenn das Programm der anderen Seite nicht verschlüsseln kann. Wer dazwischen ist, kann die Dateien dann lesen.',
}
