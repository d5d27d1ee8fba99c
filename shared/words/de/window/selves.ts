import type { selvesWords as en } from '../../en/window/selves.ts'
import type { Translation } from '../../make-say.ts'

export const selvesWords: Translation<typeof en> = {
  'own.accounts': 'Konten',
  'own.menu': 'Menü',
  'own.account-menu': 'Konto {address}',
  'own.add-person': 'Person hinzufügen …',
  'own.add-account': 'Ein Konto hinzufügen …',
  'own.settings': 'Einstellungen',
  'own.status': 'Statusnachricht …',
  'own.profile': 'Profil …',
  'own.account': 'Konto …',
  'own.blocked': 'Blockierte …',
  'own.sign-out': 'Abmelden',
  'own.sign-in': 'Anmelden …',
  'own.remove': 'Das Konto entfernen …',

  'own.signed-out': 'Abgemeldet',
  'own.signing-in': 'Wird angemeldet …',
  'own.connecting': 'Wird verbunden …',
  'own.reconnecting': 'Wird wieder verbunden …',

  'profile.title': 'Profil',
  'profile.who-sees-it': 'Alle, die sehen, wann du online bist, sehen diesen Namen und dieses Bild.',
  'profile.choose': 'Ein Bild wählen …',
  'profile.another': 'Ein anderes Bild …',
  'profile.remove': 'Entfernen',
  'profile.chosen': 'Alle sehen jetzt dieses Bild.',
  'profile.removed': 'Das Bild ist weg.',
  'profile.name': 'Name',
  'profile.done': 'Fertig',
  'profile.unreadable': 'Dieses Bild lässt sich nicht lesen: Wähle ein anderes.',

  'own-status.title': 'Statusnachricht',
  'own-status.who-sees-it': 'Alle, die sehen, wann du online bist, sehen sie neben deinem Namen.',
  'own-status.message': 'Nachricht',
  'own-status.remove': 'Entfernen',
  'own-status.save': 'Speichern',

  'block-list.title': 'Blockierte',
  'block-list.nobody': 'Du hast niemanden blockiert.',
  'block-list.meaning':
    'Wer blockiert ist, kann dir weder schreiben noch Dateien senden und sieht dich immer offline.',
  'block-list.unblock': 'Freigeben',
  'block-list.unblock-address': '{address} freigeben',
  'block-list.done': 'Fertig',

  'block-person.title': '{name} blockieren?',
  'block-person.meaning':
    'Wer blockiert ist, kann dir weder schreiben noch Dateien senden und sieht dich immer offline. Dateien, die unterwegs sind, halten an. Niemand erfährt davon.',
  'block-person.leave': 'Nicht blockieren',
  'block-person.block': 'Blockieren',

  'contact-groups.title': 'Gruppen',
  'contact-groups.of': 'Gruppen von {name}',
  'contact-groups.remove-from': 'Aus {group} entfernen',
  'contact-groups.add-to': 'Zu einer Gruppe hinzufügen',
  'contact-groups.add': 'Hinzufügen',
}
