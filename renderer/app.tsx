import { DirectionProvider } from '@base-ui/react/direction-provider'
import { isRightToLeft } from '../shared/words/language.ts'
import { later } from './components/later.tsx'
import { FailureToast } from './screens/failure-toast.tsx'
import { Messenger } from './screens/messenger.tsx'
import { NotLoaded } from './screens/not-loaded.tsx'
import { OpenDialog } from './screens/open-dialog.tsx'
import { isOpen } from './state/accounts.ts'
import { useView } from './state/store.ts'

/** Apart: most windows open with an account. */
const { Later: SignIn } = later(async () => (await import('./screens/sign-in.tsx')).SignIn)

/** Chooses the screen, and the direction in which it runs. */
export function App() {
  const locale = useView(state => state.locale)
  return (
    // Whatever is on the screen was said in the language before.
    <DirectionProvider key={locale} direction={isRightToLeft() ? 'rtl' : 'ltr'}>
      <Screen />
    </DirectionProvider>
  )
}

function Screen() {
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
