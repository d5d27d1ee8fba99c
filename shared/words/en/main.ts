/** What the main process says. A message names what it means, and its place is the group of its subject. */
export const mainWords = {
  'address.malformed': '“{address}” is no XMPP address: it looks like name@server.',

  // Signing in. {domain} is the name of the server in the address, {host} a computer, {condition} a word of the protocol.
  'sign-in.server-not-proven':
    'The server could not prove that it knows this account, so it may be a false one: check the network.',
  'sign-in.no-scram': 'The server answered the sign-in with something else than SCRAM.',
  'sign-in.no-service': '{domain} offers no XMPP service: check the part behind the @.',
  'sign-in.not-reached': '{domain} could not be reached.',
  'sign-in.endless-stanza': 'The server sent a stanza without an end.',
  'sign-in.no-stanza': 'The server sent a stanza that is none.',
  'sign-in.cancelled': 'Signing in was cancelled.',
  'sign-in.without-tls': 'Signing in without TLS is possible only to this computer itself.',
  'sign-in.no-encryption':
    '{domain} offers no encryption, so nothing was sent to it: ask who runs it, or use another server.',
  'sign-in.no-xmpp': '{domain} does not speak XMPP.',
  'sign-in.closed': '{domain} closed the connection.',
  'sign-in.not-encrypted': 'No encrypted connection to {domain} could be made: try again.',
  'sign-in.name-not-found': '{host} cannot be found right now: check the network.',
  'sign-in.no-such-server': 'There is no server named {host}: check the address.',
  'sign-in.unfinished': '{domain} did not finish the sign-in: try again later.',
  'sign-in.in-the-clear': 'The connection is not encrypted, so the password was not sent.',
  'sign-in.nothing-safe': 'The server offers no way to sign in that is safe enough.',
  'sign-in.closed-try-later': '{domain} closed the connection: try again later.',
  'sign-in.sent-elsewhere':
    '{domain} wants to be reached at another server, which is not followed: enter that server yourself.',
  'sign-in.only-encrypted': '{domain} offers no way to sign in without encryption.',
  'sign-in.wrong-password': '{domain} does not accept this address and password: check both.',
  'sign-in.refused': '{domain} refused the sign-in ({condition}): try again later.',
  'sign-in.elsewhere': 'The same account signed in again elsewhere with this name.',
  'sign-in.not-served': 'The server does not serve {domain}: check the address.',
  'sign-in.no-answer': '{domain} did not answer in time: try again later.',
  'sign-in.failed': 'Signing in to {domain} failed: try again later.',
  'sign-in.server-silent': 'The server did not answer in time: check the network and try again.',
  'sign-in.nothing-there': 'Nothing answers at {host}, port {port}: check the address and the network.',
  'sign-in.first': 'Sign in first.',
  'sign-in.already': 'This account is signed in already.',
  'sign-in.signed-out': 'You signed out.',
  'sign-in.no-contact-list': 'The server did not give the contact list: try again later.',
  // {problem} is a whole sentence.
  'sign-in.not-remembered': 'You will have to sign in again at the next start. {problem}',

  // These go on behind “because” in certificate.not-trusted.
  'certificate.other-name': 'it is for another name',
  'certificate.expired': 'it has expired',
  'certificate.not-yet-valid': 'it is not valid yet, or this computer’s clock is wrong',
  'certificate.unknown-signer': 'nobody that this computer trusts has signed it',
  'certificate.not-trusted':
    'The certificate of {domain} is not trusted, because {reason}: ask who runs the server.',

  'server.down': 'The connection to the server is down right now.',
  'server.gone': 'The connection to the server is gone.',
  'server.lost-before-confirmed':
    'The connection to the server was lost before it confirmed this: try again.',
  'server.no-answer': 'The server did not answer: try again.',
  'server.lost': 'The connection to the server was lost: try again.',
  'server.closed': '{domain} closed the connection: try again.',
  'server.not-connected': 'There is no connection to the server right now: try again later.',
  'server.not-connected-yet': 'There is no connection to the server yet: try again in a moment.',
  'server.not-answered-yet': 'The server has not answered yet: wait for it.',

  'port.taken': 'Cannot listen on port {port}, another program uses it: choose another port.',
  'port.forbidden': 'Cannot listen on port {port}, the system does not allow it: choose another port.',
  // {problem} is a whole sentence.
  'port.any-instead': '{problem} Until Plumb is started again, direct connections take any free one.',

  // The direct connection of two computers; DTCP is its protocol.
  'direct.no-encryption':
    'The other side does not offer encryption: ask them to update, or allow unencrypted transfers with this contact.',
  'direct.wrong-certificate':
    'The other computer showed a certificate that is not the announced one, so somebody may be in between: try again on a network that you trust.',
  'direct.not-as-agreed':
    'The other program did not speak the protocol as agreed: ask the contact to update it.',
  'direct.too-slow':
    'No direct connection within ten seconds: check both firewalls, or let one side open a port in its settings.',
  'direct.unreachable':
    'Neither computer could reach the other: check both firewalls, or let one side open a port in its settings.',
  'direct.refused':
    'The other program refused the direct connection: ask the contact to update it, and try again.',
  'direct.no-dtcp':
    'The other program answered with something that is no DTCP: ask the contact to update it.',
  'direct.shows-address':
    'A direct connection would show them this computer’s address: add them to your contacts first.',
  'direct.other-instead':
    'The contact’s program asked for another connection instead: nothing needs to be done.',

  'secure.broke': 'The connection broke before it was encrypted: try again.',
  'secure.too-slow': 'The other program took too long to encrypt the connection: try again.',
  'secure.not-spoken':
    'The other program does not encrypt the connection as it had said: ask the contact to update it.',

  // Files that go through the servers, inside the stream of stanzas.
  'in-band.broke': 'The connection through the servers broke: try again.',
  'in-band.refused':
    'The other program refused to take the file through the servers: ask the contact to update it.',
  'in-band.in-messages':
    'The other program would send the file in chat messages, which is not supported: ask the contact to update it.',
  'in-band.too-many':
    'Too many files go through the servers at the same time: wait until some of them are done.',

  // Connections through a proxy for files, which some servers have.
  'proxy.cannot-hide':
    'Only our server’s proxy could hide this computer’s address from them, and it cannot be used here: add them to your contacts first.',
  'proxy.none':
    'Nobody can connect to this computer, and the server has no proxy for files: let Plumb listen, or ask whoever runs the server for a proxy.',
  'proxy.refused-by-peer':
    'The other program refused the SOCKS5 connection: ask the contact to update it, and try again.',
  'proxy.neither-reached':
    'Their computer could reach neither this one nor the server’s proxy: check both firewalls, or open a port in the settings here.',
  'proxy.not-reached':
    'Their computer could not reach this one, and the server has no proxy for files: open a port in the settings here, or ask whoever runs the server for a proxy.',
  'proxy.not-told':
    'The other program connected to something that it was not told: ask the contact to update it.',
  'proxy.broke-at-once': 'The connection broke as soon as it was made: try again.',
  'proxy.not-activated':
    'The server’s proxy refused to pass the file on: try again, and if that does not help tell whoever runs the server.',
  'proxy.no-socks5':
    'The server’s proxy for files answered with something that is no SOCKS5: tell whoever runs the server.',
  'proxy.turned-away':
    'The server’s proxy for files turned the connection away: tell whoever runs the server.',
  'proxy.unreachable': 'This computer could not reach the server’s proxy for files: check the firewall here.',
  'proxy.nothing-reached':
    'This computer could reach neither theirs nor a proxy of a server: check both firewalls, or let them open a port in their settings.',

  // Whether the router hands connections on. {reason} is what it says itself, mostly in English.
  'router.not-asked': 'The router has not been asked yet: that happens with the next file.',
  'router.not-needed': 'No mapping is needed: this computer itself has the public address {address}.',
  'router.none': 'No router was found: connect this computer to one that leads to the internet.',
  'router.silent': 'The router does not answer: turn on UPnP or NAT-PMP in it.',
  'router.refused': 'The router refuses ({reason}): let this computer use UPnP or NAT-PMP in its settings.',
  'router.second':
    'The router has the private address {address}, so there is a second one before it: make one of the two a bridge.',
  'router.shared-by-provider':
    'The provider lets many customers share one address (the router has {address}): ask it for a public IPv4 address, or use IPv6 on both sides.',
  'router.offline':
    'The router has no public address: look whether it is online, and whether a second router or the provider stands before it.',

  // {who} is reach.same-network or reach.only-ipv6, {mend} one of mend.*.
  'reach.not-listening':
    'Nobody can connect to this computer, since it does not listen: let it listen on a port.',
  'reach.no-network': 'This computer is in no network that others could be in: connect it to one.',
  'reach.same-network': 'Others can only connect from the same network',
  'reach.only-ipv6':
    'Others can connect by IPv6, as far as the router lets them, and by IPv4 only from the same network',
  'reach.advice': '{who}: {mend}.',

  // These go on behind the colon of reach.advice.
  'mend.ask-router': 'let Plumb ask the router for a port',
  'mend.turn-on': 'turn on UPnP or NAT-PMP in the router',
  'mend.allow': 'let this computer use UPnP or NAT-PMP in the settings of the router',
  'mend.connect': 'connect this computer to a router that leads to the internet',
  'mend.bridge': 'there are two routers in a row, so make one of them a bridge',
  'mend.public-address': 'ask the provider for a public IPv4 address, or use IPv6 on both sides',
  'mend.look': 'look whether the router is online, and whether a second one or the provider stands before it',

  // What the other person, or their program, did or cannot do.
  'peer.takes-no-files':
    'None of the programs of {address} that are online takes files: ask them to start Plumb.',
  'peer.not-online': '{address} is not online: try again later.',
  'peer.no-contact':
    '{address} is not in the contact list, so nobody can see whether they are online: add them, or give the full address with its resource.',
  'peer.began-anew': 'The contact’s program began anew.',
  'peer.new-connection': 'The contact’s program began a new connection.',
  'peer.never-asked': 'The contact’s program accepted but never asked for the connection: try again.',
  'peer.awaited': 'Waiting for the contact’s program to go on.',
  'peer.no-common-way': 'The two programs know no common way of transfer: ask the contact to use Plumb.',
  'peer.not-there':
    '{address} is not online, or its program takes no files: check the address, or try again later.',
  'peer.paused': 'The contact paused the transfer.',
  'peer.other-way':
    'The other program chose a way of transfer that was not offered: ask the contact to update it.',
  'peer.cannot-encrypt':
    'The other program cannot encrypt: ask them to use Plumb, or allow unencrypted transfers with this contact.',
  'peer.no-such-part':
    'The other program asked for a part of the file that is not there: ask the contact to update it.',
  'peer.odd-certificate':
    'The other program announced a certificate in a way that is not understood: ask the contact to update it.',
  'peer.went-offline': '{address} went offline: try again when they are back.',
  'peer.silent': 'The contact’s program has fallen silent.',
  'peer.ended-early': 'The peer ended after {received, number} of {size, number} bytes: try again.',
  'peer.sent-more': 'The other program sent more than it had offered.',
  'peer.cancelled': 'The contact cancelled the transfer.',
  'peer.disk-full': 'The contact’s disk is full: ask them to make room, and it goes on.',
  'peer.cannot-write': 'The contact’s computer could not write the file: ask them to choose another folder.',
  'peer.found-damage': 'The file arrived damaged and was discarded: send it again.',
  'peer.file-changed':
    'The file changed on the contact’s computer while it was sent: ask them to send it again.',
  'peer.cannot-read': 'The contact’s computer could not read the file any more: ask them to check it.',
  'peer.connection-broke': 'The connection broke: send the file again.',
  'peer.not-reached-us': 'The contact’s computer could not reach this one: check both firewalls.',
  'peer.program-ended': 'The contact’s program was ended: it goes on when they are back.',
  'peer.failed': 'The transfer failed on the contact’s side: try again.',
  'peer.sent-more-than-agreed': 'The peer sent more than the {limit, number} bytes that were agreed on.',
  'peer.not-understood':
    'The other program sent something that is not understood: ask the contact to update it.',
  'peer.no-answer': '{address} did not answer: try again.',

  'offer.you-declined': 'You declined this file.',
  'offer.declined': 'The contact declined the file.',
  'offer.not-acceptable':
    'The contact’s computer cannot take the file: ask them about their disk space and folder.',
  'offer.refused': 'The other program refused the file ({condition}): try again.',
  'offer.gone': 'That offer is gone: it was answered or taken back.',
  'offer.shows-address':
    'Accepting would show them this computer’s address: add them to your contacts first, or change it in the settings.',
  'offer.no-folder': 'The download folder cannot be made: choose another in the settings.',
  'offer.accept': 'Accept',
  'offer.decline': 'Decline',

  // {problem} is a whole sentence.
  'transfer.cannot-pause': 'The other program cannot pause: cancel it, and send it again later.',
  'transfer.server-lost': 'The connection to the server was lost: ask for the file again.',
  'transfer.over': 'That transfer is not under way any more.',
  'transfer.ended': 'It is over.',
  'transfer.paused': 'The transfer is paused.',
  'transfer.kept': '{problem} What has arrived is kept: send it again to go on.',
  'transfer.program-ended': 'Plumb was ended while this was under way: it has to be sent again.',
  'transfer.you-cancelled': 'You cancelled the transfer.',
  'transfer.cancelled': 'The transfer was cancelled.',
  'transfer.not-what-was-sent': 'What arrived is not what was sent: send it again.',
  'transfer.unconfirmed':
    'Everything was sent, but the other program did not confirm it: ask the contact whether the file arrived.',
  'transfer.connection-lost': 'The connection to the peer was lost during the transfer.',
  'transfer.gone': 'That transfer is no longer in the list.',
  'transfer.under-way': 'That transfer is still under way: cancel it first.',
  'transfer.closed': 'Plumb was closed while this was under way.',
  'transfer.closed-goes-on':
    'Plumb was closed while this was under way: it goes on when you are both online.',
  'transfer.closed-send-again': 'Plumb was closed while this was under way: send it again.',
  'transfer.closed-ask-again': 'Plumb was closed while this was under way: ask for it again.',
  'transfer.after-sign-in': 'It is sent when you sign in again.',
  'transfer.not-online': 'They are not online.',
  'transfer.not-again': 'That cannot be sent again from here.',

  'file.no-folder': '{name} is no folder.',
  'file.no-unicode': 'The name of {name} is not in Unicode: rename it.',
  'file.changed': '{name} was changed while it was being sent: send it again.',
  'file.existing-changed': '{name}, which was here already, was changed meanwhile: it is sent again.',
  'file.damaged': '{name} arrived damaged: ask for it again.',
  'file.changed-here': '{name} was changed while it arrived: receive it again.',
  'file.too-many-names': 'There are too many files called {name}: choose another folder.',
  'file.replaced': '{name} was replaced by something else: receive it again.',
  'file.files-changed': 'The files were changed while they were being sent: send them again.',
  'file.is-folder': '{name} is a folder: only files and folders can be sent.',
  'file.is-device': '{name} is a device, a pipe or a socket: only files and folders can be sent.',
  'file.gone': '{name} is no longer where it was: it was moved or deleted.',
  'file.unnamed': 'Unnamed',
  // The beginning of a file name; the time follows.
  'file.pasted-picture': 'Picture',

  // Choosing what to send.
  'sending.too-many': 'That is more than {most, number} files: send them in parts.',
  'sending.no-file': 'This is no file on this computer: save it first, then send it.',
  'sending.no-picture': 'That is no picture that Plumb knows: save it first, then send it.',
  'sending.too-many-pictures':
    'There are {most, number} pasted pictures that were not sent yet: clear the finished transfers first.',
  'sending.took-too-long': 'That took too long: drop the files once more.',
  'sending.shows-address':
    '{name} is not in your contacts, and sending would show them this computer’s address: add them first.',

  // {what} is one of fault.*, {mend} one of mend-theirs.* or mend-yours.*.
  'folder.outside': '{name} would not be in the folder that was chosen.',
  'folder.replaced': '{folder} is no longer the folder it was: receive it again.',
  'folder.something-else': 'Something else is where the folder {name} has to be: remove it.',
  'folder.too-many-names': 'There are too many folders called {name}: choose another place.',
  'folder.too-many-for-zip':
    '{name} has more than {most, number} files and folders, too many for the zip that the contact’s program needs: send it in parts.',
  'folder.refused': '{what}: {mend}.',
  'folder.not-sendable': '{name} cannot be sent. {what}: {mend}.',
  'folder.other-than-offered':
    'The contact’s folder is not the one that was offered: ask the contact to send it again.',
  'folder.too-many': '{name} has more than {most, number} files and folders: send it in parts.',

  // What is wrong with a folder. No full stop: folder.refused and folder.not-sendable go on.
  'fault.no-size': '“{path}” has no size that a file can have',
  'fault.too-large': 'The folder is larger than any disk',
  'fault.too-deep': '“{path}” lies more than {most, number} folders deep',
  'fault.no-name': '“{path}” is no name inside a folder',
  'fault.twice': 'The folder has “{path}” twice',
  'fault.same': '“{one}” and “{other}” would be the same on many computers',
  'fault.senseless': 'The list of the folder’s files makes no sense',
  'fault.too-many': 'The folder has more than {most, number} files and folders, or names that are too long',
  'fault.too-long': 'The path of “{path}” is too long',

  // The folder is the contact’s.
  'mend-theirs.send-again': 'ask the contact to send it again',
  'mend-theirs.send-in-parts': 'ask the contact to send it in parts',
  'mend-theirs.send-inner': 'ask the contact to send the inner folder alone',
  'mend-theirs.rename': 'ask the contact to rename it',
  'mend-theirs.rename-one': 'ask the contact to rename one of them',
  'mend-theirs.shorten': 'ask the contact to shorten its names',

  // The folder is the person’s own.
  'mend-yours.send-again': 'send it again',
  'mend-yours.send-in-parts': 'send it in parts',
  'mend-yours.send-inner': 'send the inner folder alone',
  'mend-yours.rename': 'rename it',
  'mend-yours.rename-one': 'rename one of them',
  'mend-yours.shorten': 'shorten its names',

  // {reason} is a word of the operating system, such as EIO.
  'disk.no-room': '{name} needs {needed}, but only {free} are free in {folder}: make room and try again.',
  'disk.partial-changed': 'What had arrived of {name} was replaced or changed: receive it again.',
  'disk.full': 'The disk is full: make room for {name} and try again.',
  'disk.quota': 'Your disk quota is used up: make room for {name} and try again.',
  'disk.write-forbidden': 'You have no permission to write {name}: choose another folder.',
  'disk.read-only': '{name} is on a read-only disk: choose another folder.',
  'disk.no-folder': 'The folder of {name} does not exist: choose another one.',
  'disk.name-too-long': 'The name of {name} is too long for its disk: save it under a shorter one.',
  'disk.not-written': '{name} could not be written ({reason}): check its disk, or choose another folder.',
  'disk.not-found': 'There is no {name} there: check the path, or whether it was moved.',
  'disk.read-forbidden': 'You have no permission to read {name}: change that, or send a copy.',
  'disk.not-read': '{name} could not be read ({reason}): check its disk, then try again.',
  'disk.fat':
    '{name} is larger than its disk allows for one file: disks formatted as FAT32 hold files up to 4 GiB. Choose a folder on another disk.',
  'disk.too-large-for-fat':
    '{name} ({size}) is too large: disks formatted as FAT32 hold files up to 4 GiB. Choose a folder on another disk.',

  // {file} is the name under which the old file was kept.
  'damaged.settings': 'The settings could not be read and begin anew. The old file was kept as {file}.',
  'damaged.transfers':
    'The list of transfers could not be read and begins anew. The old file was kept as {file}.',
  'damaged.window-place':
    'The place of the window could not be read and begins anew. The old file was kept as {file}.',
  'damaged.history': 'What was said could not be read and begins anew. The old file was kept as {file}.',

  'not-saved.settings':
    'The settings could not be saved: make room on the disk, and check that Plumb’s own folder may be written.',
  'not-saved.transfers':
    'The list of transfers could not be saved: make room on the disk, and check that Plumb’s own folder may be written.',
  'not-saved.window-place':
    'The place of the window could not be saved: make room on the disk, and check that Plumb’s own folder may be written.',
  'not-saved.history':
    'What was said could not be saved: make room on the disk, and check that Plumb’s own folder may be written.',
  'history.full': 'What was said could not be saved: make room on the disk.',
  'history.not-read': 'What was said could not be read: check the disk of this computer.',
  'history.not-exported':
    'Nothing was exported: what was said could not be read from the disk of this computer.',

  'store.journal-not-saved':
    'What is under way could not be noted: make room on the disk, and check that Plumb’s own folder may be written.',

  'update.not-understood': 'What the update server says cannot be understood: Plumb looks again by itself.',
  'update.refused': 'The update was refused, because {reason}: this version stays, and is safe to use.',
  'update.mac-refused':
    'macOS did not take the update, and this version stays: move Plumb to your applications, or get the new one by hand.',
  'update.damaged': 'The update was damaged on its way and was thrown away: Plumb tries again by itself.',
  'update.no-room': 'There is no room on the disk for the update: make some, and look again.',
  'update.folder-forbidden':
    'The update cannot be saved, because Plumb may not write to its folder: check its rights.',
  'update.not-saved': 'The update could not be saved on this computer: Plumb tries again by itself.',
  'update.no-releases': 'The update server has no releases of this kind: Plumb looks again by itself.',
  'update.proxy-password':
    'The proxy of this network wants a name and a password: get the new version with your browser.',
  'update.server-trouble': 'The update server is in trouble ({status}): Plumb looks again by itself.',
  'update.not-reached': 'The update server could not be reached: Plumb looks again by itself.',
  'update.no-parts': 'The update server gives out no parts.',
  'update.cut-off': 'The download of the update was cut off.',
  'update.sent-more': 'The update server sent more than it should.',
  'update.server-silent': 'The update server does not answer.',
  'update.none': 'There is no update to install.',
  'update.not-for-this-computer':
    'The newest version is not there for this computer yet: Plumb looks again by itself.',
  'update.app-image-forbidden':
    'Plumb may not replace itself where it is: move its AppImage to a folder of yours, or get the new one by hand.',
  'update.no-room-beside': 'There is no room for the update beside Plumb’s AppImage: make some.',
  'update.transfers-run':
    '{running, plural, one {A transfer is} other {# transfers are}} running: the update is installed when Plumb is closed afterwards.',

  // These go on behind “because” in update.refused; “it” is the update.
  'refusal.unreadable-signature': 'its signature cannot be read',
  'refusal.not-ours': 'it was not signed by the makers of Plumb',
  'refusal.nothing-known': 'nothing is known of its content',
  'refusal.not-as-announced': 'what was downloaded is not what was announced',
  'refusal.too-large': 'it is larger than was announced',
  'refusal.changed-here': 'it was changed on this disk',
  'refusal.not-as-signed': 'what was downloaded is not what was signed',
  'refusal.beta': 'it is a beta, and none was asked for',
  'refusal.no-signature': 'it has no signature',
  'refusal.other-signature': 'its signature is for something else',

  'password.no-keyring': 'This system has no keyring that could keep it safe.',
  'password.not-stored': 'The password could not be stored: make room on the disk.',
  'password.not-removed':
    'The stored password could not be removed: delete password.json in Plumb’s own folder.',
  'password.needed': 'An account needs a password: choose one.',
  'password.too-long': 'This password is too long: choose a shorter one.',
  'password.odd-sign':
    'This password has a character that programs do not agree on: use letters, digits and common signs.',

  // Accounts of this person. {domain} is the name of the server, {condition} a word of the protocol.
  'account.too-many': 'Plumb takes {most, number} accounts at once: remove one first.',
  'account.gone': 'That account is no longer in the list.',
  'account.not-awaited': 'The server does not wait for these answers any more: begin again.',

  'account-refused.password': '{domain} did not change the password ({condition}): ask who runs it.',
  'account-refused.answers': '{domain} did not change the account ({condition}): ask who runs it.',
  'account-refused.deletion': '{domain} did not delete the account ({condition}): ask who runs it.',

  // {reason} is what the server says itself.
  'account-refused-because.password': '{domain} did not change the password. It says: “{reason}”',
  'account-refused-because.answers': '{domain} did not change the account. It says: “{reason}”',
  'account-refused-because.deletion': '{domain} did not delete the account. It says: “{reason}”',

  // Creating an account. {reason} is what the server says itself.
  'registration.closed': '{domain} creates no accounts here: choose another server.',
  'registration.given-up': 'Creating the account was given up.',
  'registration.too-slow': 'Creating the account took too long: begin again.',
  'registration.no-name': 'This name cannot be a part of an address: use letters and digits.',
  'registration.name-taken': '“{name}” is taken at {domain}: choose another name.',
  'registration.refused':
    '{domain} did not create the account ({condition}): check what you filled in, or choose a longer password.',
  'registration.refused-for-now': '{domain} did not create the account ({condition}): try again later.',
  'registration.not-allowed':
    '{domain} did not create the account ({condition}): choose another name or another server.',
  'registration.refused-because': '{domain} did not create the account. It says: “{reason}”',

  // Filling in a form of a server. {label} is what the form calls the field.
  'form.too-long': '“{label}” is too long: make it shorter.',
  'form.needed': '“{label}” has to be filled in.',
  'form.no-choice': '“{label}” cannot be answered with that: choose something else.',

  'shell.no-program': 'No program opens that file: show it in its folder instead.',
  'shell.only-links': 'Only web pages and mail addresses can be opened.',

  // The contact list.
  'contacts.only-they-have-groups': 'Only people in the contact list have groups.',
  'contacts.yourself': 'That is your own address.',
  'contacts.not-changed': 'The server did not change the contact list: try again later.',

  // Blocking people. {server} is the name of a server.
  'blocking.unsupported': 'The server of this account cannot block anybody.',
  'blocking.whole-server': 'All of {server} is blocked: unblock the server in the list of blocked people.',
  'blocking.refused': 'The server did not do that: try again later.',
  'blocking.blocked': 'You have blocked {name}: unblock them first.',

  // Messages. {condition} is a word of the protocol.
  'message.empty': 'There is nothing in that message.',
  'message.too-long': 'This message is too long to be sent: send it as a file.',
  'message.no-more': 'That conversation takes no more messages.',
  'message.not-last': 'Only the last message that was sent can be corrected.',
  'message.not-waiting': 'That message does not wait to be sent.',
  'message.not-online': 'It did not arrive: they are not online, and their server keeps nothing for later.',
  'message.refused': 'It did not arrive: their server refused it ({condition}).',

  // The archive of messages that the server keeps.
  'archive.no-answer': 'The server’s archive did not answer: try again.',
  'archive.not-understood': 'The server’s archive gave an answer that is none: try again later.',

  // A picture of oneself that was chosen.
  'picture.unreadable': 'This file cannot be read: check its permissions.',
  'picture.none': 'This cannot be your picture: choose a PNG, JPEG, GIF or WebP that is not as large.',
  'picture.too-large': 'This cannot be your picture: choose a smaller image.',
  'dialog.choose-picture': 'Choose your picture',
  'dialog.pictures': 'Pictures',

  // What others are told of oneself.
  'profile.not-kept': 'The server does not keep this for you: try again later.',
  'profile.card-too-long': 'The visiting card of this account is too long to be changed here.',

  // Before something is opened that may be a program. {sender} is a name or an address.
  'program.question': 'Open “{name}”?',
  'program.warning':
    'It came from {sender} and may be a program. Open it only if you expected it: a program can do whatever you can do.',
  'program.do-not-open': 'Don’t open',
  'program.open': 'Open',

  // --ca is an option of the command line.
  'start.failed': 'Plumb cannot start',
  'start.no-certificate': '{file} holds no certificate in PEM: check --ca.',
  'start.not-at-login': 'Plumb could not be put among the programs that start with your session.',

  'window.not-trusted': 'This page may not ask for anything.',

  // The system’s notifications. {person} is who it is about, {name} a file or a folder.
  'notification.transferred': 'File transferred',
  'notification.received': '{name} from {person} is here.',
  'notification.sent': '{person} has {name}.',
  'notification.stopped': 'A transfer stopped',
  // {problem} is a whole sentence.
  'notification.why-stopped': '{name}: {problem}',
  'notification.file': '{person} wants to send you a file',
  'notification.folder': '{person} wants to send you a folder',
  'notification.name-and-size': '{name}, {size}',
  'notification.stranger': 'Somebody who is not in your contacts wrote to you.',
  'notification.missed':
    '{count, plural, one {A message came while you were away.} other {# messages came while you were away.}}',

  'bug.happened': 'Something went wrong inside of Plumb: try again, and tell its makers if it stays.',

  'crash.happened': 'The window crashed several times.',
  'crash.consolation': 'Your transfers go on without it.',
  'crash.leave': 'Leave it empty',
  'crash.show-again': 'Show it again',

  'quit.consequence':
    'Quitting interrupts them. They go on from where they are at the next start; only what other programs send or receive has to begin anew.',
  'quit.keep-running': 'Keep running',
  'quit.quit': 'Quit',
  'quit.transfers-run': '{running, plural, one {A transfer is running.} other {# transfers are running.}}',

  'dialog.send-files': 'Send files',
  'dialog.send': 'Send',
  'dialog.save-as': 'Save as',
  'dialog.download-folder': 'Download folder',
  'dialog.save-in': 'Save in',
  'dialog.save-here': 'Save here',
  'dialog.send-folder': 'Send a folder',
  'dialog.export': 'Export',

  // For screen readers: offers and unread messages.
  'taskbar.waiting': '{waiting, plural, one {# waiting} other {# waiting}}',

  'tray.open': 'Open Plumb',

  // The letter behind & opens the menu from the keyboard; no language needs one.
  'menu.settings-mac': 'Settings…',
  'menu.settings': 'Settings',
  'menu.quit-mac': 'Quit Plumb',
  'menu.exit': 'Exit',
  'menu.file': '&File',
  'menu.send-files': 'Send files…',
  'menu.add-person': 'Add a person…',
  'menu.view': '&View',
  'menu.find': 'Find',
  'menu.transfers': 'Transfers',
  'menu.waiting-offer': 'Go to the waiting offer',
  'menu.help': '&Help',
  'menu.about': 'About Plumb',
  'menu.services': 'Services',
  'menu.hide': 'Hide Plumb',
  'menu.hide-others': 'Hide Others',
  'menu.show-all': 'Show All',
  'menu.close': 'Close',
  'menu.actual-size': 'Actual Size',
  'menu.zoom-in': 'Zoom In',
  'menu.zoom-out': 'Zoom Out',
  'menu.full-screen': 'Toggle Full Screen',
  'menu.edit': '&Edit',
  'menu.undo': 'Undo',
  'menu.redo': 'Redo',
  'menu.cut': 'Cut',
  'menu.copy': 'Copy',
  'menu.paste': 'Paste',
  'menu.paste-plain': 'Paste and Match Style',
  'menu.delete': 'Delete',
  'menu.select-all': 'Select All',
  'menu.speech': 'Speech',
  'menu.start-speaking': 'Start Speaking',
  'menu.stop-speaking': 'Stop Speaking',
  'menu.window': '&Window',
  'menu.minimize': 'Minimize',
  'menu.zoom': 'Zoom',
  'menu.bring-to-front': 'Bring All to Front',
} as const
