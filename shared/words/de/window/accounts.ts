import type { accountsWords as en } from '../../en/window/accounts.ts'
import type { Translation } from '../../make-say.ts'

export const accountsWords: Translation<typeof en> = {
  'not-loaded.title': 'Dieses Fenster konnte nicht gefüllt werden',
  'not-loaded.again': 'Noch einmal versuchen',
  'sign-in-form.title': 'Bei Plumb anmelden',
  'sign-in-form.promise': 'Dateien gehen geradewegs von einem Computer zum anderen.',
  'create-account.title': 'Ein Konto anlegen',
}
