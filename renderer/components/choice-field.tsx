import { type Ref, useId } from 'react'
import style from './choice-field.module.css'

interface Choice<T extends string> {
  readonly value: T
  readonly label: string
  readonly hint?: string
  /** Of the label, where it is not that of the window. */
  readonly lang?: string
}

interface ChoiceFieldProps<T extends string> {
  readonly label: string
  readonly value: T
  readonly choices: readonly Choice<T>[]
  readonly onChange: (value: T) => void
  /** The control of the one that is chosen. */
  readonly chosen?: Ref<HTMLInputElement>
}

/** One of a few, all of them to be seen. */
export function ChoiceField<T extends string>(props: ChoiceFieldProps<T>) {
  const { label, value, choices, onChange, chosen } = props
  const name = useId()
  return (
    <fieldset className={style['group']}>
      <legend className={style['label']}>{label}</legend>
      {choices.map(choice => (
        <label key={choice.value} className={style['choice']}>
          <input
            ref={choice.value === value ? chosen : undefined}
            type="radio"
            name={name}
            className={style['radio']}
            checked={choice.value === value}
            onChange={() => onChange(choice.value)}
          />
          <span className={style['text']}>
            <bdi lang={choice.lang}>{choice.label}</bdi>
            {choice.hint !== undefined && <span className={style['hint']}>{choice.hint}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  )
}
