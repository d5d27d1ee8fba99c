import { type ComponentProps, useId } from 'react'
import style from './text-field.module.css'

interface TextFieldProps extends Omit<ComponentProps<'input'>, 'onChange'> {
  readonly label: string
  /** What is wrong with the value, as a sentence. */
  readonly error?: string | undefined
  readonly onValueChange: (value: string) => void
}

/** A line of text with its name above, and below what is wrong with it. */
export function TextField({ label, error, onValueChange, ...rest }: TextFieldProps) {
  const id = useId()
  const isInvalid = error !== undefined
  return (
    <div className={style['field']}>
      <label htmlFor={id} className={style['label']}>
        {label}
      </label>
      <input
        id={id}
        className={style['input']}
        aria-invalid={isInvalid}
        aria-describedby={isInvalid ? `${id}-error` : undefined}
        onChange={event => onValueChange(event.target.value)}
        {...rest}
      />
      {isInvalid && (
        <p id={`${id}-error`} className={style['error']} role="alert">
          {error}
        </p>
      )}
    </div>
  )
}
