import { useId } from 'react'
import style from './choice-field.module.css'

interface ChoiceFieldProps<T extends string> {
  readonly label: string
  readonly value: T
  readonly choices: readonly { readonly value: T; readonly label: string; readonly hint?: string }[]
  readonly onChange: (value: T) => void
}

/** One of a few, all of them to be seen. */
export function ChoiceField<T extends string>({ label, value, choices, onChange }: ChoiceFieldProps<T>) {
  const name = useId()
  return (
    <fieldset className={style['group']}>
      <legend className={style['label']}>{label}</legend>
      {choices.map(choice => (
        <label key={choice.value} className={style['choice']}>
          <input
            type="radio"
            name={name}
            className={style['radio']}
            checked={choice.value === value}
            onChange={() => onChange(choice.value)}
          />
          <span className={style['text']}>
            {choice.label}
            {choice.hint !== undefined && <span className={style['hint']}>{choice.hint}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  )
}
