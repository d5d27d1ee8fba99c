import { Radio } from '@base-ui/react/radio'
import { RadioGroup } from '@base-ui/react/radio-group'
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
  const id = useId()
  return (
    <div className={style['group']}>
      <span id={id} className={style['label']}>
        {label}
      </span>
      <RadioGroup className={style['group']} value={value} onValueChange={onChange} aria-labelledby={id}>
        {choices.map(choice => (
          // biome-ignore lint/a11y/noLabelWithoutControl: the radio inside is the control
          <label key={choice.value} className={style['choice']}>
            <Radio.Root value={choice.value} className={style['radio']}>
              <Radio.Indicator className={style['dot']} />
            </Radio.Root>
            <span className={style['text']}>
              {choice.label}
              {choice.hint !== undefined && <span className={style['hint']}>{choice.hint}</span>}
            </span>
          </label>
        ))}
      </RadioGroup>
    </div>
  )
}
