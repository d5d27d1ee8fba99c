import { ChevronDown, ChevronRight } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { FailureCode } from '../../shared/model/failure.ts'
import {
  BARE_JID,
  MAX_ADDRESS_LENGTH,
  MAX_HOST_LENGTH,
  MAX_PASSWORD_LENGTH,
} from '../../shared/model/limits.ts'
import type { FailureValue } from '../../shared/model/shown-transfer.ts'
import type { AccountState } from '../../shared/model/window-state.ts'
import { Button } from '../components/button.tsx'
import { SwitchField } from '../components/switch-field.tsx'
import { TextField } from '../components/text-field.tsx'
import { useView } from '../state/store.ts'
import style from './sign-in.module.css'

interface SignInFormProps {
  /** Filled in, where it is one that is known, or that is being signed in. */
  readonly account: AccountState | undefined
  readonly onSignedIn?: () => void
  /** Where signing in can be left altogether. */
  readonly onCancel?: () => void
}

/** Failures that belong to one field; all others stand above the button. */
const ABOUT_ADDRESS: readonly FailureCode[] = ['server-not-found']
const ABOUT_PASSWORD: readonly FailureCode[] = ['wrong-password']

/** Address and password, and where the server is. */
export function SignInForm({ account, onSignedIn, onCancel }: SignInFormProps) {
  const hasKeyring = useView(state => state.known?.app.hasKeyring ?? false)
  const [address, setAddress] = useState(account?.address ?? '')
  const [password, setPassword] = useState('')
  const [host, setHost] = useState(account?.server?.host ?? '')
  const [port, setPort] = useState(String(account?.server?.port ?? ''))
  const [advanced, setAdvanced] = useState(account?.server !== null && account?.server !== undefined)
  const [remember, setRemember] = useState(hasKeyring)
  const [complaints, setComplaints] = useState<Complaints>({})
  /** Of the last attempt; before the first, why nobody is signed in. */
  const [answer, setAnswer] = useState<FailureValue | null>()
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
    const given = {
      address: address.trim().toLowerCase(),
      password,
      host: host.trim(),
      port: port.trim(),
      advanced,
    }
    const found = complaintsAbout(given)
    setComplaints(found)
    if (Object.keys(found).length > 0) return
    const server =
      advanced && given.host !== '' ? { host: given.host, port: Number(given.port || 5222) } : null
    setBusy(true)
    setAnswer(null)
    const signedIn = await window.plumb.signIn({
      address: given.address,
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
      <TextField
        label="Address"
        placeholder="name@example.org"
        ref={addressField}
        value={address}
        onValueChange={setAddress}
        maxLength={MAX_ADDRESS_LENGTH}
        error={complaints.address ?? about(ABOUT_ADDRESS)}
        autoFocus={address === ''}
        autoComplete="username"
        spellCheck={false}
        inputMode="email"
        readOnly={signingIn}
      />
      <TextField
        label="Password"
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
        label="Remember me"
        checked={remember && hasKeyring}
        onChange={setRemember}
        disabled={signingIn || !hasKeyring}
        {...(hasKeyring ? {} : { hint: 'This system has no keyring that could keep the password.' })}
      />
      <button
        type="button"
        className={style['more']}
        aria-expanded={advanced}
        onClick={() => setAdvanced(!advanced)}
      >
        {advanced ? <ChevronDown size={14} aria-hidden /> : <ChevronRight size={14} aria-hidden />}
        Advanced
      </button>
      {advanced && (
        <div className={style['advanced']}>
          <TextField
            label="Server"
            placeholder="found by itself"
            value={host}
            onValueChange={setHost}
            maxLength={MAX_HOST_LENGTH}
            error={complaints.host}
            spellCheck={false}
            readOnly={signingIn}
          />
          <TextField
            label="Port"
            placeholder="5222"
            inputMode="numeric"
            value={port}
            onValueChange={setPort}
            error={complaints.port}
            readOnly={signingIn}
          />
        </div>
      )}
      {general && (
        <p className={style['failure']} role="alert">
          {failure.message}
        </p>
      )}
      <div className={style['buttons']}>
        {signingIn ? (
          <Button kind="quiet" onClick={() => void window.plumb.cancelSignIn(address.trim().toLowerCase())}>
            Cancel
          </Button>
        ) : (
          onCancel !== undefined && (
            <Button kind="quiet" onClick={onCancel}>
              Cancel
            </Button>
          )
        )}
        <Button kind="primary" type="submit" disabled={signingIn}>
          {signingIn ? 'Signing in…' : 'Sign in'}
        </Button>
      </div>
    </form>
  )
}

interface Complaints {
  readonly address?: string
  readonly password?: string
  readonly host?: string
  readonly port?: string
}

function complaintsAbout(given: {
  readonly address: string
  readonly password: string
  readonly host: string
  readonly port: string
  readonly advanced: boolean
}): Complaints {
  const { address, password, host, port, advanced } = given
  const number = Number(port)
  const isPort = port === '' || (Number.isInteger(number) && number >= 1 && number <= 65_535)
  return {
    ...(BARE_JID.test(address) ? {} : { address: 'An address looks like name@example.org.' }),
    ...(password === '' ? { password: 'Enter the password.' } : {}),
    ...(advanced && host === '' && port !== '' ? { host: 'Name the server, too.' } : {}),
    ...(advanced && !isPort ? { port: '1 to 65535' } : {}),
  }
}
