import { ChevronDown, ChevronRight } from 'lucide-react'
import { type FormEvent, useEffect, useRef, useState } from 'react'
import type { FailureCode } from '../../shared/model/failure.ts'
import {
  BARE_JID,
  MAX_ADDRESS_LENGTH,
  MAX_HOST_LENGTH,
  MAX_PASSWORD_LENGTH,
} from '../../shared/model/limits.ts'
import type { AccountState } from '../../shared/model/window-state.ts'
import { Button } from '../components/button.tsx'
import { Mark } from '../components/mark.tsx'
import { SwitchField } from '../components/switch-field.tsx'
import { TextField } from '../components/text-field.tsx'
import { useView } from '../state/store.ts'
import { Notices } from './notices.tsx'
import style from './sign-in.module.css'

interface SignInProps {
  readonly account: AccountState & { readonly kind: 'signed-out' | 'signing-in' }
}

/** Failures that belong to one field; all others stand above the button. */
const ABOUT_ADDRESS: readonly FailureCode[] = ['server-not-found']
const ABOUT_PASSWORD: readonly FailureCode[] = ['wrong-password']

/** The first thing that people see: who are you, and where. */
export function SignIn({ account }: SignInProps) {
  const hasKeyring = useView(state => state.known?.app.hasKeyring ?? false)
  const last = account.kind === 'signed-out' ? account.last : account
  const [address, setAddress] = useState(last?.address ?? '')
  const [password, setPassword] = useState('')
  const [host, setHost] = useState(last?.server?.host ?? '')
  const [port, setPort] = useState(String(last?.server?.port ?? ''))
  const [advanced, setAdvanced] = useState(last?.server !== null && last?.server !== undefined)
  const [remember, setRemember] = useState(hasKeyring)
  const [complaints, setComplaints] = useState<Complaints>({})
  const failure = account.kind === 'signed-out' ? account.failure : null
  const signingIn = account.kind === 'signing-in'
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

  const submit = (event: FormEvent): void => {
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
    // What becomes of it, the account's state tells.
    void window.plumb.signIn({ address: given.address, password, server, remember: remember && hasKeyring })
  }

  return (
    <main className={style['screen']}>
      <form className={style['form']} onSubmit={submit} noValidate>
        <div className={style['head']}>
          <Mark size={48} />
          <h1>Sign in to Plumb</h1>
          <p>Files go straight from one computer to the other.</p>
        </div>
        <Notices />
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
        {account.kind === 'signing-in' && account.retrying !== null && (
          <p className={style['retrying']} role="status">
            {account.retrying.message} Plumb goes on trying by itself.
          </p>
        )}
        {general && (
          <p className={style['failure']} role="alert">
            {failure.message}
          </p>
        )}
        <div className={style['buttons']}>
          {signingIn && (
            <Button kind="quiet" onClick={() => void window.plumb.cancelSignIn()}>
              Cancel
            </Button>
          )}
          <Button kind="primary" type="submit" disabled={signingIn}>
            {signingIn ? 'Signing in…' : 'Sign in'}
          </Button>
        </div>
      </form>
    </main>
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
