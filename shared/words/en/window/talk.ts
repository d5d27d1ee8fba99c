/** Conversations, messages, and the parts that every screen is made of. */
export const talkWords = {
  // Where one writes. The placeholder of the field is composer.message.
  'composer.message': 'Message {name}',
  'composer.attach': 'Attach',
  'composer.send-files': 'Send files…',
  'composer.send-folder': 'Send a folder…',
  'composer.emoji': 'Emoji',
  'composer.send': 'Send',
  'composer.send-correction': 'Send the correction',
  'composer.edits': 'Editing your last message. Escape leaves it as it is.',
  'composer.editing': 'Editing your last message',
  'composer.correcting': 'Sending the correction…',
  'composer.stop-editing': 'Stop editing',
  'composer.picture-gone': 'The picture is gone: copy it once more.',

  // The middle column, and the buttons above the messages.
  'talk.none': 'Conversation',
  'talk.with': 'Conversation with {name}',
  'talk.own': 'Your own account, on another device',
  'talk.writing': 'Writing…',
  'talk.is-writing': '{name} is writing.',
  'talk.add': 'Add to contacts',
  'talk.send-files': 'Send files',
  'talk.details': 'Contact details',
  'talk.transfers': 'Transfers',
  'talk.blocked': 'You have blocked {name}.',
  'talk.unblock': 'Unblock',

  // What stands where there is nothing yet.
  'empty.first': 'Add the first person',
  'empty.first-hint':
    'You need their address, such as anna@example.org. They are asked whether you may see them.',
  'empty.add': 'Add a person',
  'empty.choose': 'Choose somebody',
  'empty.choose-hint':
    'Or drop a file or a folder on a name in the list: it goes straight to their computer.',
  'empty.unsaid': 'Nothing between you and {name} yet',
  'empty.unsaid-hint': 'Drop a file or a folder here, or write something.',

  // While files are held over the conversation. {count}: which of them are folders is not known yet.
  'drop.to': 'Drop to send to {name}',
  'drop.online':
    '{count, plural, one {One file or folder} other {# files or folders}}. Straight to their computer.',
  'drop.offline':
    '{count, plural, one {One file or folder} other {# files or folders}}. Sends when they are online.',

  'message.all': 'Messages with {name}',
  // Read out by screen readers when it comes.
  'message.announced': '{name}: {text}',
  // A line across the conversation: what is below was not read yet.
  'message.unread': 'New',
  // Leads down to the newest message.
  'message.newest': 'Newest',
  'message.edited': 'Edited',
  'message.copy': 'Copy',
  'message.edit': 'Edit',
  'message.again': 'Try again',
  'message.show-all': 'Show all',
  'message.show-less': 'Show less',
  // A part of a message that is a program, or written like one.
  'message.code': 'Code',

  // Behind the time of a message: what became of it.
  'delivery.sending': 'Sending…',
  'delivery.waiting': 'Waits for the connection',
  'delivery.failed': 'Not sent',
  'delivery.sent': 'Sent',
  'delivery.delivered': 'Delivered',
  'delivery.displayed': 'Seen',

  // All that was said with somebody: the conversation as it is kept on this computer.
  'said.title': 'What was said',
  'said.export': 'Export what was said…',
  'said.as-text': 'As text, to be read…',
  'said.as-json': 'As JSON, for programs…',
  'said.exported': 'It was exported.',
  'said.delete': 'Delete what was said…',
  'said.delete-question': 'Delete what was said with {name}?',
  'said.delete-consequence':
    'It is deleted from this computer, and does not come back. Your server, your other devices and theirs may have a copy. Files that arrived stay where they are.',
  'said.keep': 'Keep',
  'said.delete-now': 'Delete',

  'emoji.title': 'Emoji',
  'emoji.search': 'Search emoji',
  'emoji.none': 'None found',

  // Headings among the emoji.
  'emoji-group.recent': 'Recent',
  'emoji-group.found': 'Found',
  'emoji-group.smileys': 'Smileys',
  'emoji-group.people': 'People',
  'emoji-group.signs': 'Hearts and signs',
  'emoji-group.nature': 'Nature and food',
  'emoji-group.things': 'Things and places',

  // Instead of a date.
  'time.today': 'Today',
  'time.yesterday': 'Yesterday',
  // How long something takes yet, as short as it can be said.
  'time.seconds': '{seconds, number} s',
  'time.minutes': '{minutes, number} min',
  'time.hours': '{hours, number} h',
  'time.hours-minutes': '{hours, number} h {minutes, number} min',

  // How a file went. {method} is the name of a way, {problem} a whole sentence.
  'receipt.compare': 'Compare the verification code',
  'receipt.attempt': '<b>{method}:</b> {problem}',
  'receipt.reach': 'How others reach this computer',

  // Parts of many screens.
  'parts.close': 'Close',
  'parts.dismiss': 'Dismiss',
  'parts.menu': 'Menu',
  // Beside the field of a password.
  'parts.show-typed': 'Show what was typed',
  'parts.hide-typed': 'Hide what was typed',
} as const
