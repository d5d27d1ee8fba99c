import { type FormEvent, useEffect, useState } from 'react'
import type { Answer } from '../../shared/ipc/calls.ts'
import type { FailureCode } from '../../shared/model/failure.ts'
import { MAX_HOST_LENGTH } from '../../shared/model/limits.ts'
import type { AccountForm, RegistrationOffer } from '../../shared/model/registration.ts'
import type { ServerPlace } from '../../shared/model/window-state.ts'
import { Button } from '../components/button.tsx'
import { SwitchField } from '../components/switch-field.tsx'
import { TextField } from '../components/text-field.tsx'
import { toSend } from '../state/form-answers.ts'
import { attempt, useView } from '../state/store.ts'
import { draw, say } from '../words/say.ts'
import { CheckedForm } from './checked-form.tsx'
import { FormFields } from './form-fields.tsx'
import { ServerPlaceFields, useServerPlace } from './server-place-fields.tsx'
import style from './sign-in.module.css'
import type { NewAccount } from './sign-in-form.tsx'
import { useQuestions } from './use-questions.ts'

interface CreateAccountProps {
  /** To the sign-in, with what was created where that did not sign in by itself. */
  readonly onBack: (created?: NewAccount) => void
  readonly onSignedIn?: (() => void) | undefined
}

interface Asked {
  readonly domain: string
  readonly server: ServerPlace | null
  readonly offer: RegistrationOffer
}

const EXAMPLE = 'example.org'

/** What belongs to the name of the server. */
const ABOUT_DOMAIN: readonly FailureCode[] = ['server-not-found']

/** An account at a server: where, what it asks for, and then the sign-in. The connection ends with this. */
export function CreateAccount({ onBack, onSignedIn }: CreateAccountProps) {
  const [domain, setDomain] = useState('')
  const place = useServerPlace(null)
  const [asked, setAsked] = useState<Asked>()
  const [complaint, setComplaint] = useState<string>()
  const [failure, setFailure] = useState<string>()
  const [busy, setBusy] = useState(false)
  useEffect(() => () => void window.plumb.closeRegistration(), [])

  const ask = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    const wanted = domain.trim().toLowerCase()
    const isDomain = wanted !== '' && !/[@/\s]/.test(wanted)
    setComplaint(isDomain ? undefined : say('create-account.no-server', { example: EXAMPLE }))
    setFailure(undefined)
    const server = place.read()
    if (!isDomain || server === undefined) return
    setBusy(true)
    const answer = await window.plumb.openRegistration({ domain: wanted, server })
    setBusy(false)
    if (!answer.ok) {
      if (ABOUT_DOMAIN.includes(answer.failure.code)) setComplaint(answer.failure.message)
      else if (answer.failure.code !== 'cancelled') setFailure(answer.failure.message)
    } else if (answer.value.kind === 'closed') {
      setComplaint(say('create-account.closed', { domain: wanted }))
    } else setAsked({ domain: wanted, server, offer: answer.value })
  }
  const back = (): void => {
    void window.plumb.closeRegistration()
    setAsked(undefined)
  }

  if (asked?.offer.kind === 'form') {
    const { offer, ...at } = asked
    return <FillIn form={offer.form} {...at} onBack={back} onCreated={onBack} onSignedIn={onSignedIn} />
  }
  if (asked?.offer.kind === 'elsewhere') {
    return <Elsewhere {...asked.offer} domain={asked.domain} onBack={back} onDone={() => onBack()} />
  }
  return (
    <CheckedForm busy={busy} invalid={complaint ?? place.complaints} onSubmit={ask}>
      <TextField
        label={say('create-account.where')}
        hint={say('create-account.where-hint')}
        placeholder={EXAMPLE}
        value={domain}
        onValueChange={setDomain}
        maxLength={MAX_HOST_LENGTH}
        error={complaint}
        spellCheck={false}
        dir="ltr"
        readOnly={busy}
      />
      <ServerPlaceFields place={place} readOnly={busy} hostLabel={say('server-place.host')} />
      {failure !== undefined && (
        <p className={style['failure']} role="alert">
          {failure}
        </p>
      )}
      <div className={style['buttons']}>
        {/* The one way out, also while the server has not answered. */}
        <Button kind="quiet" onClick={() => onBack()}>
          {say('create-account.back')}
        </Button>
        <Button kind="primary" type="submit" disabled={busy}>
          {busy ? say('create-account.asking') : say('create-account.continue')}
        </Button>
      </div>
    </CheckedForm>
  )
}

interface FillInProps {
  readonly form: AccountForm
  readonly domain: string
  readonly server: ServerPlace | null
  readonly onBack: () => void
  readonly onCreated: (created: NewAccount) => void
  readonly onSignedIn: (() => void) | undefined
}

/** What the server wants to know. */
function FillIn({ form, domain, server, onBack, onCreated, onSignedIn }: FillInProps) {
  const hasKeyring = useView(state => state.known?.app.hasKeyring ?? false)
  const [remember, setRemember] = useState(hasKeyring)
  const questions = useQuestions(form)
  const [doing, setDoing] = useState<'nothing' | 'asking' | 'creating' | 'signing-in'>('nothing')
  const [address, setAddress] = useState('')
  const busy = doing !== 'nothing'

  const askAnew = async (): Promise<void> => {
    setDoing('asking')
    questions.setFailure(undefined)
    const answer = await window.plumb.renewRegistration()
    setDoing('nothing')
    if (!answer.ok) questions.setFailure(answer.failure.message)
    // One that creates no accounts any more says so at the next answer.
    else if (answer.value.kind === 'form') questions.askAgain(answer.value.form)
  }
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (!questions.check()) return
    setDoing('creating')
    const answer = await window.plumb.submitRegistration(toSend(questions.answers))
    const result = answer.ok ? answer.value : undefined
    if (result?.kind === 'created') return await signIn(result.address)
    setDoing('nothing')
    if (!answer.ok) questions.setFailure(answer.failure.message)
    if (result === undefined) return
    const { failure, field, offer } = result
    if (field === null) questions.setFailure(failure.message)
    else questions.complain(field, failure.message)
    if (offer?.kind === 'form') questions.askAgain(offer.form)
  }
  const signIn = async (created: string | null): Promise<void> => {
    const [password = ''] = questions.answers.get('password') ?? []
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
    <CheckedForm busy={busy} invalid={questions.complaints} onSubmit={submit}>
      <p className={style['at']}>{draw('create-account.at', { b: inner => <b>{inner}</b>, domain })}</p>
      <FormFields questions={questions} disabled={busy} />
      {questions.form.pictures.length > 0 && (
        <Button className={style['another']} onClick={() => void askAnew()} disabled={busy}>
          {say('create-account.another-picture')}
        </Button>
      )}
      <SwitchField
        label={say('sign-in-form.remember')}
        checked={remember && hasKeyring}
        onChange={setRemember}
        disabled={busy || !hasKeyring}
        {...(hasKeyring ? {} : { hint: say('sign-in-form.no-keyring') })}
      />
      <div className={style['buttons']}>
        {doing === 'signing-in' ? (
          <Button kind="quiet" onClick={() => void window.plumb.cancelSignIn(address)}>
            {say('sign-in-form.cancel')}
          </Button>
        ) : (
          <Button kind="quiet" onClick={onBack} disabled={busy}>
            {say('create-account.back')}
          </Button>
        )}
        <Button kind="primary" type="submit" disabled={busy}>
          {doing === 'creating'
            ? say('create-account.creating')
            : doing === 'signing-in'
              ? say('sign-in-form.under-way')
              : say('create-account.create')}
        </Button>
      </div>
    </CheckedForm>
  )
}

interface ElsewhereProps {
  readonly url: string
  readonly instructions: string
  readonly domain: string
  readonly onBack: () => void
  readonly onDone: () => void
}

/** The server has a web page for it. Nothing of that is shown here. */
function Elsewhere({ url, instructions, domain, onBack, onDone }: ElsewhereProps) {
  return (
    <div className={style['form']}>
      <p>{say('create-account.on-web-page', { domain })}</p>
      {instructions !== '' && (
        <p className={style['instructions']} dir="auto">
          {instructions}
        </p>
      )}
      <p className={style['url']}>
        <bdi dir="ltr">{url}</bdi>
      </p>
      <div className={style['buttons']}>
        <Button kind="quiet" onClick={onBack}>
          {say('create-account.back')}
        </Button>
        <Button onClick={onDone}>{say('sign-in-form.sign-in')}</Button>
        <Button kind="primary" autoFocus onClick={() => void attempt(window.plumb.openLink(url))}>
          {say('create-account.open-page')}
        </Button>
      </div>
    </div>
  )
}
