import { type ComponentProps, type KeyboardEvent, type ReactNode, useId } from 'react'
import style from './text-field.module.css'

interface TextFieldProps extends Omit<ComponentProps<'input'>, 'onChange'> {
  readonly label: string
  /** More words about it. */
  readonly hint?: string | undefined
  /** What is wrong with the value, as a sentence. */
  readonly error?: string | undefined
  /** Stands behind the line, inside of its frame. */
  readonly end?: ReactNode
  readonly onValueChange: (value: string) => void
  /** It was left, or Enter was pressed. */
  readonly onCommit?: () => void
}

/** A line of text with its name above, and below what is wrong with it. */
export function TextField({ label, hint, error, end, onValueChange, onCommit, ...rest }: TextFieldProps) {
  const field = useFieldParts(label, hint, error)
  const input = (
    <input
      {...field.control}
      className={style['input']}
      onChange={event => onValueChange(event.target.value)}
      {...(onCommit === undefined ? {} : { onBlur: onCommit, onKeyDown: onEnter(onCommit) })}
      {...rest}
    />
  )
  return (
    <div className={style['field']}>
      {field.label}
      {end === undefined ? (
        input
      ) : (
        <div className={style['line']}>
          {input}
          {end}
        </div>
      )}
      {field.words}
    </div>
  )
}

/** What every field has around it: its name, more words, what is wrong, and what binds them to the control. */
export function useFieldParts(label: string, hint: string | undefined, error: string | undefined) {
  const id = useId()
  const isInvalid = error !== undefined
  const described = [
    ...(hint === undefined ? [] : [`${id}-hint`]),
    ...(isInvalid ? [`${id}-error`] : []),
  ].join(' ')
  return {
    control: {
      id,
      'aria-invalid': isInvalid,
      'aria-describedby': described === '' ? undefined : described,
    },
    label: (
      <label htmlFor={id} className={style['label']}>
        {label}
      </label>
    ),
    words: (
      <>
        {hint !== undefined && (
          <p id={`${id}-hint`} className={style['hint']}>
            {hint}
          </p>
        )}
        {isInvalid && (
          <p id={`${id}-error`} className={style['error']} role="alert">
            {error}
          </p>
        )}
      </>
    ),
  }
}

function onEnter(act: () => void) {
  return ({ key, nativeEvent }: KeyboardEvent): void => {
    if (key === 'Enter' && !nativeEvent.isComposing) act()
  }
}
