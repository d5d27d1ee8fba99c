export const accountsWords = {
  'not-loaded.title': 'This window could not be filled',
  'not-loaded.again': 'Try again',

  // Signing in.
  'sign-in-form.title': 'Sign in to Plumb',
  'sign-in-form.promise': 'Files go straight from one computer to the other.',
  'sign-in-form.created': 'Your account is there: sign in with it.',
  'sign-in-form.address': 'Address',
  // {example} is an address.
  'sign-in-form.no-address': 'An address looks like {example}.',
  'sign-in-form.password': 'Password',
  'sign-in-form.no-password': 'Enter the password.',
  'sign-in-form.remember': 'Remember me',
  'sign-in-form.no-keyring': 'This system has no keyring that could keep the password.',
  'sign-in-form.cancel': 'Cancel',
  'sign-in-form.sign-in': 'Sign in',
  'sign-in-form.under-way': 'Signing in…',
  'sign-in-form.create-account': 'Create an account…',

  // Where the server is, if that cannot be found by its name. In “create-account” the server is asked for already, so this is its host.
  'server-place.advanced': 'Advanced',
  'server-place.server': 'Server',
  'server-place.host': 'Host',
  // Stands in the empty field of the server.
  'server-place.found-by-itself': 'found by itself',
  'server-place.no-server': 'Name the server, too.',
  'server-place.port': 'Port',
  'server-place.no-port': '1 to 65535',

  'create-account.title': 'Create an account',
  'create-account.where': 'Where',
  'create-account.where-hint':
    'The server that is to have your account: the part behind the @ of your address.',
  // {example} is the name of a server.
  'create-account.no-server': 'A server looks like {example}.',
  'create-account.closed': '{domain} creates no accounts for people who ask it: choose another server.',
  'create-account.back': 'Back',
  'create-account.continue': 'Continue',
  'create-account.asking': 'Asking the server…',
  // Stands above the questions of the server.
  'create-account.at': 'At <b>{domain}</b>',
  'create-account.another-picture': 'Another picture',
  'create-account.create': 'Create the account',
  'create-account.creating': 'Creating the account…',
  'create-account.on-web-page':
    '{domain} creates accounts on a web page. Come back here to sign in with yours.',
  'create-account.open-page': 'Open the page',

  // What servers ask for with a word of the protocol; what they ask in words of their own is shown as it is.
  'account-form.username': 'Name',
  'account-form.password': 'Password',
  'account-form.email': 'Email address',
  'account-form.nick': 'Nickname',
  'account-form.name': 'Full name',
  'account-form.first': 'First name',
  'account-form.last': 'Last name',
  'account-form.address': 'Street',
  'account-form.city': 'City',
  'account-form.state': 'State or province',
  'account-form.zip': 'Postal code',
  'account-form.phone': 'Phone number',
  'account-form.url': 'Web page',
  'account-form.date': 'Date',
  'account-form.misc': 'Other information',
  'account-form.text': 'Remarks',
  'account-form.ocr': 'The text in the picture',
  // Read out in the place of a picture that belongs to the question.
  'account-form.picture': 'What “{question}” is about',
  // Of a list.
  'account-form.not-chosen': 'Choose one of these.',
  'account-form.not-filled-in': 'This has to be filled in.',
  'account-form.cancel': 'Cancel',

  'add-account.title': 'Add an account',
  // The title where the account is known already.
  'add-account.sign-in': 'Sign in',
  'add-account.description': 'Its people and conversations are shown beside those of your other accounts.',

  'account-dialog.title': 'Account',
  'account-dialog.password': 'Password',
  'account-dialog.new-password': 'New password',
  'account-dialog.new-password-hint': 'You stay signed in here. Other devices have to sign in again.',
  'account-dialog.no-password': 'Choose a password.',
  'account-dialog.change-password': 'Change the password',
  'account-dialog.changing-password': 'Changing…',
  'account-dialog.password-changed': 'The password is changed.',
  'account-dialog.here': 'On this computer',
  'account-dialog.what-is-exported':
    'Everything that was said, and a list of the files, in one file of your own.',
  'account-dialog.export': 'Export…',
  'account-dialog.exported': 'It is written.',
  'account-dialog.what-removing-does': 'Take the account off this computer. It stays on its server.',
  'account-dialog.remove': 'Remove…',
  'account-dialog.on-server': 'On its server',
  'account-dialog.what-deleting-does': 'Give the account up for good.',
  'account-dialog.delete': 'Delete…',
  'account-dialog.done': 'Done',

  // Off this computer.
  'remove-account.title': 'Remove {address}?',
  'remove-account.consequence':
    'What was said with it is deleted from this computer. The account itself stays on its server, and files that arrived stay where they are.',
  'remove-account.keep': 'Keep',
  'remove-account.remove': 'Remove',

  // From its server.
  'delete-account.title': 'Delete {address} for good?',
  'delete-account.consequence':
    'Its server forgets the account with its contacts and messages, and nobody reaches you there any more. What this computer has of it is deleted, too; files that arrived stay where they are.',
  'delete-account.before':
    'The address may be given to somebody else later. What you want to keep, export before.',
  'delete-account.keep': 'Keep',
  'delete-account.go-on': 'Go on…',
  // The name of the field where the address has to be typed once more.
  'delete-account.type-address': 'Type the address, so that it is no slip',
  'delete-account.other-address': 'That is not the address of this account.',
  'delete-account.delete': 'Delete for good',
  'delete-account.deleting': 'Deleting…',
} as const
