import { type FormEvent, useState } from 'react'
import type { AccountForm } from '../../shared/model/registration.ts'
import { Button } from '../components/button.tsx'
import { type Answers, firstAnswers, toSend, unanswered } from '../state/form-answers.ts'
import { missingLine } from '../words/account-form.ts'
import { CheckedForm } from './checked-form.tsx'
import style from './dialog-parts.module.css'
import { type Complaints, FormFields } from './form-fields.tsx'

interface AccountQuestionsProps {
  readonly address: string
  readonly form: AccountForm
  /** What need not be typed once more. */
  readonly known: Answers
  /** What the answers are for, as the button says it. */
  readonly action: string
  readonly danger?: boolean
  readonly onDone: () => void
  readonly onCancel: () => void
}

const NO_COMPLAINTS: Complaints = new Map()

/** What the server wants to know before it changes or deletes an account. */
export function AccountQuestions(props: AccountQuestionsProps) {
  const { address, known, action, danger = false, onDone, onCancel } = props
  const [form, setForm] = useState(props.form)
  const [answers, setAnswers] = useState(() => firstAnswers(props.form, known))
  const [complaints, setComplaints] = useState(NO_COMPLAINTS)
  const [failure, setFailure] = useState<string>()
  const [busy, setBusy] = useState(false)
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    const missing = unanswered(form, answers)
    setComplaints(new Map(missing.map(field => [field.name, missingLine(field)])))
    setFailure(undefined)
    if (missing.length > 0 || busy) return
    setBusy(true)
    const answer = await window.plumb.answerAccountForm(address, toSend(answers))
    setBusy(false)
    if (!answer.ok) setFailure(answer.failure.message)
    else if (answer.value.kind === 'done') onDone()
    else {
      setForm(answer.value.form)
      setAnswers(firstAnswers(answer.value.form, answers))
    }
  }
  return (
    <CheckedForm busy={busy} invalid={complaints} onSubmit={submit}>
      <FormFields
        form={form}
        answers={answers}
        complaints={complaints}
        disabled={busy}
        onChange={setAnswers}
      />
      {failure !== undefined && (
        <p className={style['bad']} role="alert">
          {failure}
        </p>
      )}
      <div className={style['line']}>
        <Button kind="quiet" onClick={onCancel} disabled={busy}>
          Cancel
        </Button>
        <Button kind={danger ? 'danger' : 'primary'} type="submit" disabled={busy}>
          {action}
        </Button>
      </div>
    </CheckedForm>
  )
}
