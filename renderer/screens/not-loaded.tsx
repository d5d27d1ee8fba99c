import type { FailureValue } from '../../shared/model/shown-transfer.ts'
import { Button } from '../components/button.tsx'
import { Mark } from '../components/mark.tsx'
import { say } from '../words/say.ts'
import conversation from './conversation.module.css'
import signIn from './sign-in.module.css'

/** The main process did not say what there is to show. */
export function NotLoaded({ failure }: { readonly failure: FailureValue }) {
  return (
    <main className={signIn['screen']}>
      <div className={conversation['empty']}>
        <Mark size={40} />
        <h1>{say('not-loaded.title')}</h1>
        <p>{failure.message}</p>
        <Button kind="primary" onClick={() => window.location.reload()}>
          {say('not-loaded.again')}
        </Button>
      </div>
    </main>
  )
}
