export const settingsWords = {
  // How others reach this computer, and what is in the way of direct transfers.
  'reach.title': 'How others reach this computer',
  'reach.check': 'Check',
  'reach.check-again': 'Check again',
  'reach.promise': 'Looks for what is in the way of direct transfers.',
  'reach.looking': 'Looking. This takes some seconds.',
  'reach.free': 'Nothing is in the way of direct transfers.',
  'reach.not-free': 'Files arrive, but not always directly.',
  'reach.what-helps': 'What would help',
  'reach.addresses': 'Addresses',
  'reach.no-address': 'None: this computer is in no network.',
  // What an address is; behind a dot, whether contacts learn it.
  'reach.local': 'in this network',
  'reach.global': 'on the internet',
  'reach.mapped': 'the router’s, for this computer',
  'reach.virtual': 'of a tunnel or container',
  'reach.loopback': 'this computer only',
  'reach.told': 'told to contacts',
  'reach.not-told': 'not told',
  'reach.router': 'Router',
  'reach.router-not-asked': 'Not asked: that is switched off.',
  'reach.router-asked': 'Still being asked. Check again in a moment.',
  // {protocol} is such as UPnP.
  'reach.router-forwards': 'Forwards {address} to this computer ({protocol}).',
  'reach.proxy': 'Proxy',
  'reach.no-proxy':
    'Your server has none. Files that cannot go directly take small pieces through the servers: slow.',
  'reach.proxy-helps': '{proxy} stands in where a file cannot go directly.',

  // How Plumb stays current.
  'update.title': 'Updates',
  'update.off': 'Plumb does not look for new versions by itself.',
  'update.not-looked': 'Plumb will look for a new version soon.',
  // {time} is such as “14:32”, “Yesterday” or “3 Mar”.
  'update.newest': 'This is the newest version. Last looked: {time}.',
  'update.looking': 'Looking for a new version.',
  'update.downloading': 'Version {version} is being downloaded.',
  'update.ready': 'Version {version} is ready. It will be installed when you quit Plumb.',
  'update.package-manager':
    'New versions come with the updates of your system: its package manager installed Plumb.',
  'update.flatpak': 'Flatpak keeps Plumb up to date.',
  'update.snap': 'Snap keeps Plumb up to date.',
  'update.by-hand': 'This copy cannot replace itself: get new versions where you got this one.',
  'update.nowhere': 'This build has nowhere to look for new versions: get them where you got this one.',
  'update.download': 'Download of the new version',
  'update.automatic': 'Keep Plumb up to date',
  'update.automatic-hint':
    'Downloads new versions in the background and installs them when you quit, never during a transfer.',
  'update.beta': 'Try new versions early',
  'update.beta-hint': 'Beta versions have more mistakes. If you turn this off, the next final one follows.',
  'update.restart': 'Restart now',
  'update.look': 'Look now',
  'update.dismiss': 'Dismiss',
  'settings.title': 'Settings',
  'settings.done': 'Done',

  'settings.files': 'Files',
  'settings.saved-to': 'Received files are saved to <b>{folder}</b>.',
  // Another folder for what is received.
  'settings.change-folder': 'Change…',
  'settings.pictures': 'Show pictures in the conversation',
  'settings.pictures-hint': 'Those of people who are not in your contacts are shown once you ask for them.',

  'settings.privacy': 'Privacy',
  'settings.who-sends': 'Who may send you files',
  'settings.anyone-sends': 'Anyone',
  'settings.anyone-sends-hint':
    'Files of people who are not in your contacts wait in a list, without a prompt.',
  'settings.contacts-send': 'Only my contacts',
  'settings.contacts-send-hint': 'Everything else is declined unseen.',
  'settings.who-sees-address': 'Who may see this computer’s network address',
  'settings.contacts-see-address': 'Only my contacts',
  'settings.contacts-see-address-hint': 'A direct connection shows both sides where the other is.',
  'settings.strangers-see-address': 'Also strangers whose file I accept, or to whom I send one',
  'settings.away': 'Show me as away while I am not here',
  'settings.away-hint': 'After ten minutes without input, or when the screen is locked.',

  // The words in quotes are those that the conversation shows.
  'settings.chat': 'Chat',
  'settings.receipts': 'Say that messages have arrived',
  'settings.receipts-hint': 'Your contacts see “Delivered” under what they sent you.',
  'settings.displayed': 'Say that messages were seen',
  'settings.displayed-hint': 'Your contacts see “Seen” under what was on your screen.',
  'settings.typing': 'Say that you are writing',
  'settings.typing-hint': 'While you type, your contacts see “Writing…”.',

  'settings.connection': 'Connection',
  'settings.port': 'Port for direct connections',
  'settings.any-port': 'Automatic',
  'settings.fixed-port': 'Always the same',
  'settings.fixed-port-hint': 'For a router that forwards it to this computer.',
  'settings.port-number': 'Port',
  'settings.no-port': 'A port is a number from {lowest} to {highest}.',
  'settings.ask-router': 'Ask the router for a port (UPnP, NAT-PMP)',
  'settings.ask-router-hint': 'Lets others connect to this computer from outside of this network.',

  'settings.window': 'Window',
  'settings.language': 'Language',
  'settings.system-language': 'Like the system',
  'settings.theme': 'Theme',
  'settings.system-theme': 'Like the system',
  'settings.light': 'Light',
  'settings.dark': 'Dark',
  'settings.notifications': 'Notifications',
  'settings.notifications-hint': 'While the window is not in front.',
  'settings.tray': 'Close to the tray',
  'settings.tray-hint': 'Closing the window keeps Plumb running, so that files can arrive.',
  // On Linux.
  'settings.tray-hint-linux':
    'Closing the window keeps Plumb running, so that files can arrive. Starting Plumb again shows it, also where this desktop has no tray.',
  'settings.start-at-login': 'Start when I sign in to this computer',

  'settings.about': 'About',
  'settings.about-plumb':
    'Plumb {version}. Files go straight from one computer to the other, between any two XMPP accounts. MIT licence.',
} as const
