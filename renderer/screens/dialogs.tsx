import { assertNever } from '../../shared/assert-never.ts'
import { useView } from '../state/store.ts'
import { AccountDialog } from './account-dialog.tsx'
import { AddAccountDialog } from './add-account-dialog.tsx'
import { AddPersonDialog } from './add-person-dialog.tsx'
import { BlockPersonDialog } from './block-person-dialog.tsx'
import { BlockedDialog } from './blocked-dialog.tsx'
import { CodeDialog } from './code-dialog.tsx'
import { ConfirmSendingDialog } from './confirm-sending-dialog.tsx'
import { ContactDialog } from './contact-dialog.tsx'
import { DeleteAccountDialog } from './delete-account-dialog.tsx'
import { DeleteConversationDialog } from './delete-conversation-dialog.tsx'
import { ProfileDialog } from './profile-dialog.tsx'
import { RemoveAccountDialog } from './remove-account-dialog.tsx'
import { RemovePersonDialog } from './remove-person-dialog.tsx'
import { SendPictureDialog } from './send-picture-dialog.tsx'
import { SettingsDialog } from './settings-dialog.tsx'
import { StatusDialog } from './status-dialog.tsx'
import { StrangersDialog } from './strangers-dialog.tsx'

/** The one dialog that is open. */
export function Dialogs() {
  const dialog = useView(state => state.dialog)
  if (dialog === undefined) return null
  switch (dialog.kind) {
    case 'settings':
      return <SettingsDialog checkReach={dialog.checkReach ?? false} languageAt={dialog.languageAt} />
    case 'add-account':
      return <AddAccountDialog address={dialog.address} />
    case 'account':
      return <AccountDialog address={dialog.address} />
    case 'delete-account':
      return <DeleteAccountDialog address={dialog.address} />
    case 'remove-account':
      return <RemoveAccountDialog address={dialog.address} />
    case 'add-person':
      return <AddPersonDialog address={dialog.address} account={dialog.account} />
    case 'contact':
      return <ContactDialog person={dialog.person} rename={dialog.rename ?? false} />
    case 'remove-person':
      return <RemovePersonDialog person={dialog.person} />
    case 'delete-conversation':
      return <DeleteConversationDialog person={dialog.person} />
    case 'block-person':
      return <BlockPersonDialog person={dialog.person} />
    case 'blocked':
      return <BlockedDialog account={dialog.account} />
    case 'status':
      return <StatusDialog account={dialog.account} />
    case 'profile':
      return <ProfileDialog account={dialog.account} />
    case 'strangers':
      return <StrangersDialog />
    case 'code':
      return <CodeDialog transfer={dialog.transfer} />
    case 'send-picture':
      return <SendPictureDialog key={dialog.question} person={dialog.person} picture={dialog.picture} />
    case 'confirm-sending':
      return <ConfirmSendingDialog key={dialog.question.ticket} question={dialog.question} />
    default:
      return assertNever(dialog)
  }
}
