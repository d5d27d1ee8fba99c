import { Field } from '@base-ui/react/field'
import type { ComponentProps } from 'react'
import style from './text-field.module.css'

interface TextFieldProps extends ComponentProps<typeof Field.Control> {
  readonly label: string
  readonly hint?: string
  /** What is wrong with the value, as a sentence. */
  readonly error?: string | undefined
}

export function TextField({ label, hint, error, ...rest }: TextFieldProps) {
  return (
    <Field.Root className={style['field']} invalid={error !== undefined}>
      <Field.Label className={style['label']}>{label}</Field.Label>
      <Field.Control className={style['input']} {...rest} />
      {hint !== undefined && <Field.Description className={style['hint']}>{hint}</Field.Description>}
      {error !== undefined && (
        <Field.Error className={style['error']} match>
          {error}
        </Field.Error>
      )}
    </Field.Root>
  )
}
