import { Dialogs } from './screens/dialogs.tsx'
import { FailureToast } from './screens/failure-toast.tsx'
import { Messenger } from './screens/messenger.tsx'
import { NotLoaded } from './screens/not-loaded.tsx'
import { SignIn } from './screens/sign-in.tsx'
import { useView } from './state/store.ts'

/** Chooses the screen. */
export function App() {
  const account = useView(state => state.known?.account)
  const failure = useView(state => state.failure)
  // The answer takes a few milliseconds: an empty window flickers less than a word that comes and goes.
  if (account === undefined) return failure === undefined ? null : <NotLoaded failure={failure} />
  return (
    <>
      {account.kind === 'signed-in' ? <Messenger /> : <SignIn account={account} />}
      <Dialogs />
      <FailureToast />
    </>
  )
}
