import type { ComponentProps } from 'react'
import style from './text-field.module.css'
import { useFieldParts } from './text-field.tsx'

interface SelectFieldProps extends Omit<ComponentProps<'select'>, 'onChange' | 'value'> {
  readonly label: string
  readonly hint?: string | undefined
  readonly error?: string | undefined
  /** Undefined where nothing is chosen yet. */
  readonly value: string | undefined
  readonly choices: readonly { readonly value: string; readonly label: string }[]
  readonly onValueChange: (value: string | undefined) => void
}

/** One of many. Its first line is that nothing is chosen. */
export function SelectField({
  label,
  hint,
  error,
  value,
  choices,
  onValueChange,
  ...rest
}: SelectFieldProps) {
  const field = useFieldParts(label, hint, error)
  // By their places: a value may be anything, the empty one among them.
  const place = choices.findIndex(choice => choice.value === value)
  return (
    <div className={style['field']}>
      {field.label}
      <select
        {...field.control}
        className={style['input']}
        value={place}
        onChange={event => onValueChange(choices[Number(event.target.value)]?.value)}
        {...rest}
      >
        <option value={-1}>–</option>
        {choices.map((choice, index) => (
          <option key={choice.value} value={index}>
            {choice.label}
          </option>
        ))}
      </select>
      {field.words}
    </div>
  )
}
