import { type FormEvent, type ReactNode, useEffect, useRef } from 'react'
import style from './sign-in.module.css'

interface CheckedFormProps {
  readonly busy: boolean
  /** What is wrong now: the first field of it gets the focus. */
  readonly invalid: unknown
  readonly onSubmit: (event: FormEvent) => Promise<void>
  readonly children: ReactNode
}

/** A form that takes the focus when it comes, and has it again when the answer is there. */
export function CheckedForm({ busy, invalid, onSubmit, children }: CheckedFormProps) {
  const form = useRef<HTMLFormElement>(null)
  const focus = (selector: string): void => form.current?.querySelector<HTMLElement>(selector)?.focus()
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when it comes.
  useEffect(() => focus(FIELDS), [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: for each complaint, also where the same field has the next.
  useEffect(() => {
    if (busy) return
    focus('[aria-invalid="true"]')
    // The button that was pressed could not keep it meanwhile.
    if (document.activeElement === document.body) focus(FIELDS)
  }, [busy, invalid])
  return (
    <form ref={form} className={style['form']} onSubmit={event => void onSubmit(event)} noValidate>
      {children}
    </form>
  )
}

const FIELDS = 'input, select, textarea'
