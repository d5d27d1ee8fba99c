import type { AccountState } from '../../shared/model/window-state.ts'
import { Mark } from '../components/mark.tsx'
import { Notices } from './notices.tsx'
import style from './sign-in.module.css'
import { SignInForm } from './sign-in-form.tsx'

/** The first thing that people see: who are you, and where. */
export function SignIn({ accounts }: { readonly accounts: readonly AccountState[] }) {
  const account =
    accounts.find(({ kind }) => kind === 'signing-in') ??
    accounts.find(each => each.kind === 'signed-out' && each.failure !== null) ??
    accounts.at(-1)
  return (
    <main className={style['screen']}>
      <div className={style['column']}>
        <div className={style['head']}>
          <Mark size={48} />
          <h1>Sign in to Plumb</h1>
          <p>Files go straight from one computer to the other.</p>
        </div>
        <Notices />
        <SignInForm account={account} />
      </div>
    </main>
  )
}
