import { Messenger } from './screens/messenger.tsx'
import { SignIn } from './screens/sign-in.tsx'
import { useView } from './state/store.ts'

/** Chooses the screen. */
export function App() {
  const account = useView(state => state.known?.account)
  // The answer takes a few milliseconds: an empty window flickers less than a word that comes and goes.
  if (account === undefined) return null
  return account.kind === 'signed-in' ? <Messenger /> : <SignIn account={account} />
}
