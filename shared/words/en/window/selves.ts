export const selvesWords = {
  // The menu beside our own name.
  'own.accounts': 'Accounts',
  'own.menu': 'Menu',
  'own.account-menu': 'Account {address}',
  'own.add-person': 'Add a person…',
  'own.add-account': 'Add an account…',
  'own.settings': 'Settings',
  'own.status': 'Status message…',
  'own.profile': 'Profile…',
  'own.account': 'Account…',
  'own.blocked': 'Blocked…',
  'own.sign-out': 'Sign out',
  'own.sign-in': 'Sign in…',
  'own.remove': 'Remove the account…',

  // Below our own name, while there is no connection.
  'own.signed-out': 'Signed out',
  'own.signing-in': 'Signing in…',
  'own.connecting': 'Connecting…',
  'own.reconnecting': 'Reconnecting…',

  'profile.title': 'Profile',
  'profile.who-sees-it': 'Everybody who sees when you are online sees this name and picture.',
  'profile.choose': 'Choose a picture…',
  'profile.another': 'Another picture…',
  'profile.remove': 'Remove',
  'profile.chosen': 'Everybody sees this picture now.',
  'profile.removed': 'The picture is gone.',
  'profile.name': 'Name',
  'profile.done': 'Done',
  'profile.unreadable': 'This picture cannot be read: choose another one.',

  // What others see beside our name, in our own words.
  'own-status.title': 'Status message',
  'own-status.who-sees-it': 'Everybody who sees when you are online sees it beside your name.',
  'own-status.message': 'Message',
  'own-status.remove': 'Remove',
  'own-status.save': 'Save',

  'block-list.title': 'Blocked',
  'block-list.nobody': 'You have blocked nobody.',
  'block-list.meaning': 'They cannot write to you or send you files, and always see you offline.',
  'block-list.unblock': 'Unblock',
  'block-list.unblock-address': 'Unblock {address}',
  'block-list.done': 'Done',

  'block-person.title': 'Block {name}?',
  'block-person.meaning':
    'They can no longer write to you or send you files, and always see you offline. Files that are under way stop. They are not told.',
  'block-person.leave': 'Don’t block',
  'block-person.block': 'Block',

  // Groups of the contact list, such as “Friends”.
  'contact-groups.title': 'Groups',
  'contact-groups.of': 'Groups of {name}',
  'contact-groups.remove-from': 'Remove from {group}',
  'contact-groups.add-to': 'Add to a group',
  'contact-groups.add': 'Add',
} as const
