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
} as const
