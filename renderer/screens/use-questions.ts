import { useState } from 'react'
import type { AccountForm } from '../../shared/model/registration.ts'
import { type Answers, firstAnswers, unanswered } from '../state/form-answers.ts'
import { missingLine } from '../words/account-form.ts'
import type { Complaints } from './form-fields.tsx'

const NONE: Complaints = new Map()

/** A form of a server with what was filled in. `known`: what need not be typed once more. */
export function useQuestions(first: AccountForm, known?: Answers) {
  const [form, setForm] = useState(first)
  const [answers, setAnswers] = useState(() => firstAnswers(first, known))
  const [complaints, setComplaints] = useState(NONE)
  /** What is wrong with it as a whole. */
  const [failure, setFailure] = useState<string>()
  return {
    form,
    answers,
    setAnswers,
    complaints,
    failure,
    setFailure,
    /** Whether nothing is missing; what is, is said. */
    check: (): boolean => {
      const missing = unanswered(form, answers)
      setComplaints(new Map(missing.map(field => [field.name, missingLine(field)])))
      setFailure(undefined)
      return missing.length === 0
    },
    complain: (field: string, sentence: string): void => setComplaints(new Map([[field, sentence]])),
    /** The server asks again: what was answered stays. */
    askAgain: (next: AccountForm): void => {
      setForm(next)
      setAnswers(firstAnswers(next, answers))
    },
  }
}

export type Questions = ReturnType<typeof useQuestions>
