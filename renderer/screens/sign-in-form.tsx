import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { FailureCode } from '../../shared/model/failure.ts'
import { BARE_JID, MAX_ADDRESS_LENGTH, MAX_PASSWORD_LENGTH } from '../../shared/model/limits.ts'
import type { FailureValue } from '../../shared/model/shown-transfer.ts'
import type { AccountState, ServerPlace } from '../../shared/model/window-state.ts'
import { Button } from '../components/button.tsx'
import { SwitchField } from '../components/switch-field.tsx'
import { TextField } from '../components/text-field.tsx'
import { useView } from '../state/store.ts'
import { say } from '../words/say.ts'
import { ServerPlaceFields, useServerPlace } from './server-place-fields.tsx'
import style from './sign-in.module.css'

/** An account that was just created. */
export interface NewAccount {
  /** Both empty where nobody but the server knows them. */
  readonly address: string
  readonly password: string
  readonly server: ServerPlace | null
  /** Why it is not signed in with; null where that was not tried. */
  readonly failure: FailureValue | null
}

interface SignInFormProps {
  /** Filled in, where it is one that is known, or that is being signed in. */
  readonly account: AccountState | undefined
  /** Filled in instead. */
  readonly created?: NewAccount | undefined
  /** Where there is another way: to get an account. */
  readonly onCreate?: () => void
  readonly onSignedIn?: () => void
  /** Where signing in can be left altogether. */
  readonly onCancel?: () => void
}

const EXAMPLE = 'name@example.org'

/** Failures that belong to one field; all others stand above the button. */
const ABOUT_ADDRESS: readonly FailureCode[] = ['server-not-found']
const ABOUT_PASSWORD: readonly FailureCode[] = ['wrong-password']

/** Address and password, and where the server is. */
export function SignInForm({ account, created, onCreate, onSignedIn, onCancel }: SignInFormProps) {
  const hasKeyring = useView(state => state.known?.app.hasKeyring ?? false)
  const given = created ?? account
  const [address, setAddress] = useState(given?.address ?? '')
  const [password, setPassword] = useState(created?.password ?? '')
  const place = useServerPlace(given?.server)
  const filledIn = useRef(account?.address)
  useEffect(() => {
    // Who was removed is not asked for; what somebody typed stays.
    if (account === undefined) setAddress(now => (now === filledIn.current ? '' : now))
  }, [account])
  const [remember, setRemember] = useState(hasKeyring)
  const [complaints, setComplaints] = useState<Complaints>({})
  /** Of the last attempt; before the first, why nobody is signed in. */
  const [answer, setAnswer] = useState<FailureValue | null | undefined>(created?.failure)
  const failure = answer !== undefined ? answer : account?.kind === 'signed-out' ? account.failure : null
  const [busy, setBusy] = useState(false)
  const signingIn = busy || account?.kind === 'signing-in'
  const about = (codes: readonly FailureCode[]): string | undefined =>
    failure !== null && codes.includes(failure.code) ? failure.message : undefined
  const addressField = useRef<HTMLInputElement>(null)
  const passwordField = useRef<HTMLInputElement>(null)
  useEffect(() => {
    // The button that was pressed could not keep the focus meanwhile.
    if (failure === null || document.activeElement !== document.body) return
    const field = ABOUT_ADDRESS.includes(failure.code) ? addressField : passwordField
    field.current?.focus()
  }, [failure])
  const general = failure !== null && ![...ABOUT_ADDRESS, ...ABOUT_PASSWORD].includes(failure.code)

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    const wanted = address.trim().toLowerCase()
    const found = complaintsAbout(wanted, password)
    const server = place.read()
    setComplaints(found)
    if (Object.keys(found).length > 0 || server === undefined) return
    setBusy(true)
    setAnswer(null)
    const signedIn = await window.plumb.signIn({
      address: wanted,
      password,
      server,
      remember: remember && hasKeyring,
    })
    setBusy(false)
    if (signedIn.ok) onSignedIn?.()
    else setAnswer(signedIn.failure.code === 'cancelled' ? null : signedIn.failure)
  }

  return (
    <form className={style['form']} onSubmit={event => void submit(event)} noValidate>
      {created !== undefined && <p role="status">{say('sign-in-form.created')}</p>}
      <TextField
        label={say('sign-in-form.address')}
        placeholder={EXAMPLE}
        ref={addressField}
        value={address}
        onValueChange={setAddress}
        maxLength={MAX_ADDRESS_LENGTH}
        error={complaints.address ?? about(ABOUT_ADDRESS)}
        autoFocus={address === ''}
        autoComplete="username"
        spellCheck={false}
        inputMode="email"
        dir="ltr"
        readOnly={signingIn}
      />
      <TextField
        label={say('sign-in-form.password')}
        type="password"
        ref={passwordField}
        value={password}
        onValueChange={setPassword}
        maxLength={MAX_PASSWORD_LENGTH}
        error={complaints.password ?? about(ABOUT_PASSWORD)}
        autoFocus={address !== ''}
        autoComplete="current-password"
        readOnly={signingIn}
      />
      <SwitchField
        label={say('sign-in-form.remember')}
        checked={remember && hasKeyring}
        onChange={setRemember}
        disabled={signingIn || !hasKeyring}
        {...(hasKeyring ? {} : { hint: say('sign-in-form.no-keyring') })}
      />
      <ServerPlaceFields place={place} readOnly={signingIn} />
      {general && (
        <p className={style['failure']} role="alert">
          {failure.message}
        </p>
      )}
      <div className={style['buttons']}>
        {signingIn ? (
          <Button kind="quiet" onClick={() => void window.plumb.cancelSignIn(address.trim().toLowerCase())}>
            {say('sign-in-form.cancel')}
          </Button>
        ) : (
          onCancel !== undefined && (
            <Button kind="quiet" onClick={onCancel}>
              {say('sign-in-form.cancel')}
            </Button>
          )
        )}
        <Button kind="primary" type="submit" disabled={signingIn}>
          {signingIn ? say('sign-in-form.under-way') : say('sign-in-form.sign-in')}
        </Button>
      </div>
      {onCreate !== undefined && !signingIn && (
        <Button kind="quiet" onClick={onCreate}>
          {say('sign-in-form.create-account')}
        </Button>
      )}
    </form>
  )
}

interface Complaints {
  readonly address?: string
  readonly password?: string
}

function complaintsAbout(address: string, password: string): Complaints {
  return {
    ...(BARE_JID.test(address) ? {} : { address: say('sign-in-form.no-address', { example: EXAMPLE }) }),
    ...(password === '' ? { password: say('sign-in-form.no-password') } : {}),
  }
}
