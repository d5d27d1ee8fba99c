export const filesWords = {
  // How much it is. {size} is such as “3.4 MB”; content.rate is one per second.
  'content.files': '{count, plural, one {# file} other {# files}}',
  'content.files-and-size': '{count, plural, one {# file} other {# files}}, {size}',
  'content.no-files': 'No files',
  'content.no-files-and-size': 'No files, {size}',
  'content.rate': '{size}/s',

  // Parts of the line under a name, with a dot between them. {name} is the first name of a person.
  'fact.from': 'From {name}',
  'fact.to': 'To {name}',
  'fact.waits': 'Sends when {name} is online',
  'fact.preparing': 'Looking for their computer',
  'fact.your-answer': 'Waits for your answer',
  'fact.their-answer': 'Waits for their answer',
  'fact.connecting': 'Connecting',
  'fact.percent': '{percent, number} %',
  // {time} is such as “2 h 10 min”.
  'fact.left': '{time} left',
  'fact.no-connection': 'No connection yet',
  'fact.verifying': 'Comparing the checksum',
  'fact.paused': 'Paused',
  'fact.paused-by': 'Paused by {name}',

  // Where it stopped, in three ways: {size} is how much there is where nobody knows of how much, and the whole behind “of”.
  'stopped-after.lost': 'Connection lost after {size}',
  'stopped-after.disk-full': 'Disk full after {size}',
  'stopped-after.peer-disk-full': 'Their disk is full after {size}',
  'stopped-after.paused': 'Paused after {size}',
  'stopped-after.paused-by': 'Paused by {name} after {size}',
  'stopped-at.lost': 'Connection lost at {percent, number} %',
  'stopped-at.disk-full': 'Disk full at {percent, number} %',
  'stopped-at.peer-disk-full': 'Their disk is full at {percent, number} %',
  'stopped-at.paused': 'Paused at {percent, number} %',
  'stopped-at-of.lost': 'Connection lost at {percent, number} % of {size}',
  'stopped-at-of.disk-full': 'Disk full at {percent, number} % of {size}',
  'stopped-at-of.peer-disk-full': 'Their disk is full at {percent, number} % of {size}',
  'stopped-at-of.paused': 'Paused at {percent, number} % of {size}',
  'stopped-at-of.paused-by': 'Paused by {name} at {percent, number} % of {size}',

  // In the list of all transfers, which says whose each is: the file comes from {name}, or goes there.
  'paused-by.from': 'From {name}, who paused it',
  'paused-by.to': 'To {name}, who paused it',
  'paused-by-after.from': 'From {name}, who paused it after {size}',
  'paused-by-after.to': 'To {name}, who paused it after {size}',
  'paused-by-at.from': 'From {name}, who paused it at {percent, number} %',
  'paused-by-at.to': 'To {name}, who paused it at {percent, number} %',

  'waiting.files':
    '{count, plural, one {# file waits until {name} is online} other {# files wait until {name} is online}}',

  // Why it does not move. {reason} is whole sentences.
  'note.goes-on': 'Goes on by itself when you are both online.',
  'note.room-here': 'Goes on by itself once there is room on this computer.',
  'note.room-there': 'Goes on by itself once there is room on their computer.',
  'note.tries-on': 'Plumb goes on trying. {reason}',
  'note.stopped': 'Stopped. {reason}',
  'note.you-cancelled': 'You cancelled this.',
  'note.they-cancelled': 'They cancelled this.',
  'note.you-declined': 'You declined this.',
  'note.they-declined': 'They declined this.',

  // What happened on the way. “A file in it”: in a folder.
  'past.file-goes-anew': 'The file changed, so it is sent anew.',
  'past.file-went-anew': 'The file changed, so it was sent anew.',
  'past.inner-goes-anew': 'A file in it changed, so it is sent anew.',
  'past.inner-went-anew': 'A file in it changed, so it was sent anew.',
  'past.was-here': 'It was here already.',
  'past.was-there': 'They had it already.',
  'past.went-on': 'Went on from {size}.',

  // How the bytes go, and how safe that is: on two small labels.
  'way-direct.this-computer': 'Direct, on this computer',
  'way-direct.local': 'Direct, same network',
  'way-direct.internet': 'Direct, over the internet',
  'way-socks.this-computer': 'Direct (SOCKS5), on this computer',
  'way-socks.local': 'Direct (SOCKS5), same network',
  'way-socks.internet': 'Direct (SOCKS5), over the internet',
  'way.proxy': 'Through the server’s proxy',
  'way.servers': 'Through the servers, in small pieces: slow',
  'safety.not-encrypted': 'Not encrypted: their program cannot',
  'safety.not-verified': 'Encrypted, not verified',
  'safety.verified': 'Encrypted and verified',
  'safety.between-you': 'Encrypted between you',

  // Attempts at a connection that came to nothing: what each is called, and the title of their list.
  'method.dtcp': 'Direct',
  'method.socks5': 'SOCKS5',
  'method.ibb': 'Through the servers',
  'attempts.title': 'What was tried',
  'attempts.before': 'What was tried before',
  'attempts.not-direct': 'Why not direct',

  // The question that an offered file asks. {device} is an address, and so is {address}.
  'offer-prompt.file': '<who>{name}</who> wants to send you a file',
  'offer-prompt.folder': '<who>{name}</who> wants to send you a folder',
  'offer-prompt.own': '{device}, your own account',
  'offer-prompt.contact': '{address}, in your contacts',
  'offer-prompt.stranger': '{device}, not in your contacts',
  // The first of several questions.
  'offer-prompt.count': '{first, number} of {count, number}',
  'offer-prompt.add-first':
    'You don’t know this address. Add them to your contacts first: accepting shows them this computer’s network address.',
  'offer-prompt.shows-address':
    'You don’t know this address. Accepting shows them this computer’s network address.',
  'offer-prompt.no-size': 'Size not known',
  'offer-prompt.source': 'from <who>{name}</who>’s computer',
  'offer-prompt.encrypted-source': 'encrypted, from <who>{name}</who>’s computer',
  'offer-prompt.not-encrypted': 'Not encrypted: their program cannot. Whoever is on the way can read it.',
  'offer-prompt.saves': 'Saves to {folder}',
  'offer-prompt.saves-with-room': 'Saves to {folder}, {free} free',
  'offer-prompt.no-room': '{missing} more needed in {folder}',
  'offer-prompt.decline': 'Decline',
  'offer-prompt.add': 'Add to contacts…',
  'offer-prompt.save-as': 'Save as…',
  'offer-prompt.accept': 'Accept',

  'transfers.title': 'Transfers',
  'transfers.clear': 'Clear finished',
  'transfers.close': 'Close transfers',
  'transfers.none': 'No transfers yet. Drop a file or a folder on somebody to send it.',
  'transfers.list': 'List of transfers',
  'transfers.now': 'Now',
  'transfers.waiting': 'Waiting',
  'transfers.finished': 'Finished',

  // Buttons with icons. {name} is the name of a file.
  'transfer-action.send-again': 'Send {name} again',
  'transfer-action.try-again': 'Try {name} again',
  'transfer-action.open': 'Open {name}',
  'transfer-action.show': 'Show {name} in its folder',
  'transfer-action.decline': 'Decline {name}',
  'transfer-action.cancel': 'Cancel {name}',
  'transfer-action.forget': 'Take {name} off the list',
  'transfer-action.resume': 'Resume {name}',
  'transfer-action.resume-now': 'Resume {name} now',
  'transfer-action.send-now': 'Send {name} now',
  'transfer-action.pause': 'Pause {name}',

  'transfer-picture.show': 'Show picture',

  // A picture that was pasted.
  'pasted.question': 'Send this picture to {name}?',
  'pasted.not-shown': 'It cannot be shown here.',
  'pasted.picture': 'What is sent',
  'pasted.cancel': 'Cancel',
  'pasted.send': 'Send',

  // Some of what was chosen cannot be sent, or not as it is. Links are symbolic links in a folder.
  'sending.without-links': 'Send it without its links?',
  'sending.as-zip': 'Send it as a zip file?',
  'sending.as-zips': 'Send as zip files?',
  'sending.not-possible': 'This can’t be sent',
  'sending.not-all': 'Not everything can be sent',
  'sending.not-offered': 'Nothing was offered.',
  'sending.not-offered-yet': 'Nothing was offered yet.',
  'sending.close': 'Close',
  'sending.cancel': 'Cancel',
  'sending.send': 'Send',
  'sending.send-all': 'Send all {count, number}',
  'sending.send-others': '{count, plural, one {Send the other one} other {Send the other #}}',
  'sending.others': '{count, plural, one {The other one} other {The other #}}',
  'sending.refused': 'What can’t be sent',
  'sending.sendable': 'What would be sent',
  'sending.left-out':
    '{count, plural, one {One link or special file in it is not sent.} other {# links or special files in it are not sent.}}',
  'sending.zipped': 'Goes as <file>{name}</file>, since their program takes no folders.',

  // Six groups of digits that two people compare.
  'code.title': 'Verification code',
  'code.compare':
    'Read it to {name} over the phone, or hold the two screens side by side. Both show the same digits only if nobody is in between.',
  'code.whose':
    'For <file>{name}</file>. Each has its own while both programs run: compare it for the file that matters.',
  'code.done': 'Done',
} as const
