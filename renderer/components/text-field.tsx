import { type ComponentProps, type KeyboardEvent, useId } from 'react'
import style from './text-field.module.css'

interface TextFieldProps extends Omit<ComponentProps<'input'>, 'onChange'> {
  readonly label: string
  /** What is wrong with the value, as a sentence. */
  readonly error?: string | undefined
  readonly onValueChange: (value: string) => void
  /** It was left, or Enter was pressed. */
  readonly onCommit?: () => void
}

/** A line of text with its name above, and below what is wrong with it. */
export function TextField({ label, error, onValueChange, onCommit, ...rest }: TextFieldProps) {
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
        {...(onCommit === undefined ? {} : { onBlur: onCommit, onKeyDown: onEnter(onCommit) })}
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

function onEnter(act: () => void) {
  return ({ key, nativeEvent }: KeyboardEvent): void => {
    if (key === 'Enter' && !nativeEvent.isComposing) act()
  }
}
