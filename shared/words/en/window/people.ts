/** People: the list, whoever asks or offers something, and what one decides for them. */
export const peopleWords = {
  'people.title': 'People',
  'people.search': 'Search people, messages and files',
  'people.search-short': 'Search',
  // Which group of the contacts is listed; without one, it is everybody.
  'people.group': 'Group',
  'people.everybody': 'Everybody',
  'people.requests': 'Requests',
  'people.strangers':
    '{count, plural, one {A file from somebody not in your contacts} other {# files from people not in your contacts}}',
  'people.show-everybody': 'Show everybody',
  'people.none': 'Nobody here yet. Add somebody by their address to send them files.',
  'people.add': 'Add a person',

  // Somebody wants to see when we are online. {account} is the one of ours that they mean, where there are several.
  'request.asks': '<b>{address}</b> wants to add you and see when you are online.',
  'request.asks-account': '<b>{address}</b> wants to add {account} and see when you are online.',
  'request.more': '{count, plural, one {# more waits.} other {# more wait.}}',
  'request.decline': 'Decline',
  'request.allow': 'Allow',

  // One person in the list, and the menu of the row.
  'person.details': 'Details',
  'person.rename': 'Rename…',
  'person.remove': 'Remove…',
  // Only the account is in sight; the rest is for screen readers.
  'person.for-account': '<unseen>For your account</unseen> {account}',
  // While files are held over the row.
  'person.drop': 'Drop to send',
  'person.blocked': 'Blocked',
  'person.writing': 'Writing…',
  // The last message of a conversation, which we sent.
  'person.you-said': 'You: {text}',
  'person.asked': 'Waits for their answer',
  'person.unread': '{count, number} unread',
  // More than {count}, in very little room.
  'person.over': '{count, number}+',

  'availability.online': 'Online',
  'availability.away': 'Away',
  'availability.busy': 'Busy',
  'availability.offline': 'Offline',

  // Under the name. {devices} is a list of names such as “Laptop and Phone”, {time} such as “14:32”, “Fri” or “3 Mar”.
  'presence.online': 'Online on {devices}',
  'presence.busy': 'Busy on {devices}',
  'presence.away': 'Away on {devices}',
  'presence.away-since': 'Away on {devices} since {time}',
  'presence.away-since-yesterday': 'Away on {devices} since yesterday',
  'presence.offline': 'Offline',
  'presence.asked': 'Waits for their answer to be seen',
  'presence.unseen': 'You cannot see when they are online',
  'presence.blocked': 'Blocked',
  'presence.no-contact': 'Not in your contacts',

  // Who sees whom.
  'subscription.no-contact': '{name} is not in your contacts.',
  'subscription.both': 'You both see when the other is online.',
  'subscription.to': 'You see when {name} is online. {name} cannot see you.',
  'subscription.from': '{name} sees when you are online. You cannot see them.',
  'subscription.from-asked': '{name} sees when you are online. Your request to see them waits for an answer.',
  'subscription.none': 'Neither of you sees when the other is online.',
  'subscription.none-asked': 'Your request to see when {name} is online waits for an answer.',

  // What a search found. {things} is a list such as “1 person and 2 files”.
  'found.all': 'Found: {things}.',
  'found.people': '{count, plural, one {# person} other {# people}}',
  'found.messages': '{count, plural, one {# message} other {# messages}}',
  'found.files': '{count, plural, one {# file} other {# files}}',
  'found.nothing': 'Nothing was found.',
  // The line of a message that we sent, with what was found in it.
  'found.you-said': 'You: <line></line>',

  // Headings above what a search found.
  'found-heading.people': 'People',
  'found-heading.messages': 'Messages',
  'found-heading.files': 'Files',

  'strangers.title': 'From people not in your contacts',
  'strangers.warning': 'Anybody can offer a file. Decline what you do not expect.',
  'strangers.none': 'Nothing waits here any more.',
  'strangers.file': 'A file, {size} · {time}',
  'strangers.file-unsized': 'A file, size not known · {time}',
  'strangers.folder': 'A folder, {size} · {time}',
  'strangers.folder-unsized': 'A folder, size not known · {time}',
  'strangers.decline': 'Decline',
  'strangers.review': 'Review',
  'strangers.decline-all': 'Decline all',
  'strangers.close': 'Close',

  'add-person.title': 'Add a person',
  'add-person.hint': 'They are asked whether you may see when they are online.',
  'add-person.address': 'Address',
  'add-person.example': 'anna@example.org',
  'add-person.malformed': 'An address looks like name@example.org.',
  'add-person.name': 'Name',
  'add-person.optional': 'optional',
  // Above the accounts of ours: whose contact it is to be.
  'add-person.account': 'Contact of',
  'add-person.cancel': 'Cancel',
  'add-person.add': 'Add',

  'remove-person.question': 'Remove {name}?',
  'remove-person.contact':
    'Neither of you sees any more when the other is online. Files that arrived stay where they are.',
  'remove-person.stranger':
    'They leave this list, and what was said is deleted from this computer. Files that arrived stay where they are.',
  'remove-person.delete-said': 'Delete what was said',
  'remove-person.delete-said-hint': 'From this computer only: your server and other devices may have a copy.',
  'remove-person.keep': 'Keep',
  'remove-person.remove': 'Remove',

  'contact.name': 'Name',
  'contact.remove': 'Remove…',
  'contact.add': 'Add to contacts…',
  'contact.done': 'Done',
  'contact.blocked':
    'You have blocked {name}: they cannot write to you or send you files, and always see you offline.',
  'contact.not-blocked': 'Whom you block cannot write to you or send you files, and always sees you offline.',
  'contact.block': 'Block…',
  'contact.unblock': 'Unblock',
  'contact.devices': 'Devices that are online',
  // Of a device, in small letters: they follow “Online ·” and the like.
  'contact.direct': 'receives files directly',
  'contact.not-direct': 'cannot receive directly',
  'contact.direct-asked': 'asking what it can do',
  'contact.accept': 'Always accept files',
  'contact.accept-hint': 'Files from {name} are saved without asking, if they are no larger than this.',
  'contact.accept-most': 'Up to',
  'contact.megabytes': 'MB',
  'contact.accept-range': 'From {least, number} to {most, number}',
  'contact.unencrypted': 'Allow unencrypted connections',
  'contact.unencrypted-hint':
    'Only where their program cannot encrypt. Whoever is in between can then read the files.',
} as const
