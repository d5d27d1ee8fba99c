import { useState } from 'react'
import type { AccountState } from '../../shared/model/window-state.ts'
import { Mark } from '../components/mark.tsx'
import { say } from '../words/say.ts'
import { CreateAccount } from './create-account.tsx'
import { Notices } from './notices.tsx'
import style from './sign-in.module.css'
import { type NewAccount, SignInForm } from './sign-in-form.tsx'

/** The first thing that people see: who are you, and where. */
export function SignIn({ accounts }: { readonly accounts: readonly AccountState[] }) {
  const [creating, setCreating] = useState(false)
  const [created, setCreated] = useState<NewAccount>()
  const account =
    accounts.find(({ kind }) => kind === 'signing-in') ??
    accounts.find(each => each.kind === 'signed-out' && each.failure !== null) ??
    accounts.at(-1)
  return (
    <main className={style['screen']}>
      <div className={style['column']}>
        <div className={style['head']}>
          <Mark size={48} />
          <h1>{creating ? say('create-account.title') : say('sign-in-form.title')}</h1>
          <p>{say('sign-in-form.promise')}</p>
        </div>
        <Notices />
        {creating ? (
          <CreateAccount
            onBack={made => {
              setCreated(made)
              setCreating(false)
            }}
          />
        ) : (
          <SignInForm account={account} created={created} onCreate={() => setCreating(true)} />
        )}
      </div>
    </main>
  )
}
