import { RefreshCw } from 'lucide-react'
import { type FormEvent, useEffect, useState } from 'react'
import type { Answer } from '../../shared/ipc/calls.ts'
import type { FailureCode } from '../../shared/model/failure.ts'
import { MAX_HOST_LENGTH } from '../../shared/model/limits.ts'
import type { AccountForm, RegistrationOffer } from '../../shared/model/registration.ts'
import type { FailureValue } from '../../shared/model/shown-transfer.ts'
import type { ServerPlace } from '../../shared/model/window-state.ts'
import { Button } from '../components/button.tsx'
import { SwitchField } from '../components/switch-field.tsx'
import { TextField } from '../components/text-field.tsx'
import { type Answers, firstAnswers, toSend, unanswered } from '../state/form-answers.ts'
import { attempt, useView } from '../state/store.ts'
import { missingLine } from '../words/account-form.ts'
import { CheckedForm } from './checked-form.tsx'
import { type Complaints, FormFields } from './form-fields.tsx'
import { ServerPlaceFields, useServerPlace } from './server-place-fields.tsx'
import style from './sign-in.module.css'
import type { NewAccount } from './sign-in-form.tsx'

interface CreateAccountProps {
  /** To the sign-in, with what was created where that did not sign in by itself. */
  readonly onBack: (created?: NewAccount) => void
  readonly onSignedIn?: (() => void) | undefined
}

type Asked = RegistrationOffer & { readonly kind: 'form' | 'elsewhere' }

const NO_COMPLAINTS: Complaints = new Map()
/** What belongs to the name of the server. */
const ABOUT_DOMAIN: readonly FailureCode[] = ['server-not-found']

/** An account at a server: where, what it asks for, and then the sign-in. The connection ends with this. */
export function CreateAccount({ onBack, onSignedIn }: CreateAccountProps) {
  const [domain, setDomain] = useState('')
  const place = useServerPlace(null)
  const [at, setAt] = useState<{ readonly domain: string; readonly server: ServerPlace | null }>()
  const [asked, setAsked] = useState<Asked>()
  const [complaint, setComplaint] = useState<string>()
  const [failure, setFailure] = useState<FailureValue>()
  const [busy, setBusy] = useState(false)
  useEffect(() => () => void window.plumb.closeRegistration(), [])

  const ask = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    const wanted = domain.trim().toLowerCase()
    const isDomain = wanted !== '' && !/[@/\s]/.test(wanted)
    setComplaint(isDomain ? undefined : 'A server looks like example.org.')
    setFailure(undefined)
    const server = place.read()
    if (!isDomain || server === undefined) return
    setBusy(true)
    const answer = await window.plumb.openRegistration({ domain: wanted, server })
    setBusy(false)
    if (!answer.ok) {
      if (ABOUT_DOMAIN.includes(answer.failure.code)) setComplaint(answer.failure.message)
      else if (answer.failure.code !== 'cancelled') setFailure(answer.failure)
    } else if (answer.value.kind === 'closed') {
      setComplaint(`${wanted} creates no accounts for people who ask it: choose another server.`)
    } else {
      setAt({ domain: wanted, server })
      setAsked(answer.value)
    }
  }
  const back = (): void => {
    void window.plumb.closeRegistration()
    setAsked(undefined)
  }

  if (asked?.kind === 'form' && at !== undefined) {
    return <Questions form={asked.form} {...at} onBack={back} onCreated={onBack} onSignedIn={onSignedIn} />
  }
  if (asked?.kind === 'elsewhere' && at !== undefined) {
    return <Elsewhere asked={asked} domain={at.domain} onBack={back} onDone={() => onBack()} />
  }
  return (
    <CheckedForm busy={busy} invalid={complaint ?? place.complaints} onSubmit={ask}>
      <TextField
        label="Where"
        hint="The server that is to have your account: the part behind the @ of your address."
        placeholder="example.org"
        value={domain}
        onValueChange={setDomain}
        maxLength={MAX_HOST_LENGTH}
        error={complaint}
        spellCheck={false}
        readOnly={busy}
      />
      <ServerPlaceFields place={place} readOnly={busy} hostLabel="Host" />
      <General failure={failure} />
      <div className={style['buttons']}>
        {/* The one way out, also while the server has not answered. */}
        <Button kind="quiet" onClick={() => onBack()}>
          Back
        </Button>
        <Button kind="primary" type="submit" disabled={busy}>
          {busy ? 'Asking the server…' : 'Continue'}
        </Button>
      </div>
    </CheckedForm>
  )
}

interface QuestionsProps {
  readonly form: AccountForm
  readonly domain: string
  readonly server: ServerPlace | null
  readonly onBack: () => void
  readonly onCreated: (created: NewAccount) => void
  readonly onSignedIn: (() => void) | undefined
}

/** What the server wants to know. */
function Questions({ form: first, domain, server, onBack, onCreated, onSignedIn }: QuestionsProps) {
  const hasKeyring = useView(state => state.known?.app.hasKeyring ?? false)
  const [remember, setRemember] = useState(hasKeyring)
  const [form, setForm] = useState(first)
  const [answers, setAnswers] = useState(() => firstAnswers(first))
  const [complaints, setComplaints] = useState(NO_COMPLAINTS)
  const [failure, setFailure] = useState<FailureValue>()
  const [doing, setDoing] = useState<'nothing' | 'asking' | 'creating' | 'signing-in'>('nothing')
  const [address, setAddress] = useState('')
  const busy = doing !== 'nothing'

  const takeOffer = (offer: RegistrationOffer, before: Answers): void => {
    // One that is closed by now says so at the next answer.
    if (offer.kind !== 'form') return
    setForm(offer.form)
    setAnswers(firstAnswers(offer.form, before))
  }
  const askAnew = async (): Promise<void> => {
    setDoing('asking')
    setFailure(undefined)
    const answer = await window.plumb.renewRegistration()
    setDoing('nothing')
    if (answer.ok) takeOffer(answer.value, answers)
    else setFailure(answer.failure)
  }
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    const missing = unanswered(form, answers)
    setComplaints(new Map(missing.map(field => [field.name, missingLine(field)])))
    setFailure(undefined)
    if (missing.length > 0) return
    setDoing('creating')
    const answer = await window.plumb.submitRegistration(toSend(answers))
    if (answer.ok && answer.value.kind === 'created') {
      await signIn(answer.value.address)
      return
    }
    setDoing('nothing')
    if (!answer.ok) {
      setFailure(answer.failure)
      return
    }
    const { value } = answer
    if (value.kind !== 'refused') return
    if (value.field === null) setFailure(value.failure)
    else setComplaints(new Map([[value.field, value.failure.message]]))
    if (value.offer !== null) takeOffer(value.offer, answers)
  }
  const signIn = async (created: string | null): Promise<void> => {
    const [password = ''] = answers.get('password') ?? []
    if (created === null || password === '') {
      onCreated({ address: created ?? '', password, server, failure: null })
      return
    }
    setAddress(created)
    setDoing('signing-in')
    const credentials = { address: created, password, server, remember: remember && hasKeyring }
    const signedIn: Answer<void> = await window.plumb.signIn(credentials)
    if (signedIn.ok) onSignedIn?.()
    else {
      const isCancelled = signedIn.failure.code === 'cancelled'
      onCreated({ address: created, password, server, failure: isCancelled ? null : signedIn.failure })
    }
  }

  return (
    <CheckedForm busy={busy} invalid={complaints} onSubmit={submit}>
      <p className={style['at']}>
        At <b>{domain}</b>
      </p>
      <FormFields
        form={form}
        answers={answers}
        complaints={complaints}
        disabled={busy}
        onChange={setAnswers}
      />
      {form.pictures.length > 0 && (
        <Button className={style['another']} onClick={() => void askAnew()} disabled={busy}>
          <RefreshCw size={16} aria-hidden />
          Another picture
        </Button>
      )}
      <SwitchField
        label="Remember me"
        checked={remember && hasKeyring}
        onChange={setRemember}
        disabled={busy || !hasKeyring}
        {...(hasKeyring ? {} : { hint: 'This system has no keyring that could keep the password.' })}
      />
      <General failure={failure} />
      <div className={style['buttons']}>
        {doing === 'signing-in' ? (
          <Button kind="quiet" onClick={() => void window.plumb.cancelSignIn(address)}>
            Cancel
          </Button>
        ) : (
          <Button kind="quiet" onClick={onBack} disabled={busy}>
            Back
          </Button>
        )}
        <Button kind="primary" type="submit" disabled={busy}>
          {doing === 'creating'
            ? 'Creating the account…'
            : doing === 'signing-in'
              ? 'Signing in…'
              : 'Create the account'}
        </Button>
      </div>
    </CheckedForm>
  )
}

interface ElsewhereProps {
  readonly asked: RegistrationOffer & { readonly kind: 'elsewhere' }
  readonly domain: string
  readonly onBack: () => void
  readonly onDone: () => void
}

/** The server has a web page for it. Nothing of that is shown here. */
function Elsewhere({ asked, domain, onBack, onDone }: ElsewhereProps) {
  const { url, instructions } = asked
  return (
    <div className={style['form']}>
      <p>{domain} creates accounts on a web page. Come back here to sign in with yours.</p>
      {instructions !== '' && <p className={style['instructions']}>{instructions}</p>}
      <p className={style['url']}>
        <bdi>{url}</bdi>
      </p>
      <div className={style['buttons']}>
        <Button kind="quiet" onClick={onBack}>
          Back
        </Button>
        <Button onClick={onDone}>Sign in</Button>
        <Button kind="primary" autoFocus onClick={() => void attempt(window.plumb.openLink(url))}>
          Open the page
        </Button>
      </div>
    </div>
  )
}

function General({ failure }: { readonly failure: FailureValue | undefined }) {
  if (failure === undefined) return null
  return (
    <p className={style['failure']} role="alert">
      {failure.message}
    </p>
  )
}
