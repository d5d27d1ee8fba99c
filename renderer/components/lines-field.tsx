import type { ComponentProps } from 'react'
import { joined } from './button.tsx'
import style from './text-field.module.css'
import { useFieldParts } from './text-field.tsx'

interface LinesFieldProps extends Omit<ComponentProps<'textarea'>, 'onChange'> {
  readonly label: string
  readonly hint?: string | undefined
  readonly error?: string | undefined
  readonly onValueChange: (value: string) => void
}

/** Several lines of text. */
export function LinesField({ label, hint, error, onValueChange, ...rest }: LinesFieldProps) {
  const field = useFieldParts(label, hint, error)
  return (
    <div className={style['field']}>
      {field.label}
      <textarea
        {...field.control}
        className={joined(style['input'], style['lines'])}
        rows={3}
        onChange={event => onValueChange(event.target.value)}
        {...rest}
      />
      {field.words}
    </div>
  )
}
