import { FailureToast } from './screens/failure-toast.tsx'
import { Messenger } from './screens/messenger.tsx'
import { NotLoaded } from './screens/not-loaded.tsx'
import { OpenDialog } from './screens/open-dialog.tsx'
import { SignIn } from './screens/sign-in.tsx'
import { isOpen } from './state/accounts.ts'
import { useView } from './state/store.ts'

/** Chooses the screen. */
export function App() {
  const accounts = useView(state => state.known?.accounts)
  const failure = useView(state => state.failure)
  // The answer takes a few milliseconds: an empty window flickers less than a word that comes and goes.
  if (accounts === undefined) return failure === undefined ? null : <NotLoaded failure={failure} />
  return (
    <>
      {accounts.some(isOpen) ? <Messenger /> : <SignIn accounts={accounts} />}
      <OpenDialog />
      <FailureToast />
    </>
  )
}
