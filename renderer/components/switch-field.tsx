import { Switch } from '@base-ui/react/switch'
import { useId } from 'react'
import style from './switch-field.module.css'

interface SwitchFieldProps {
  readonly label: string
  readonly hint?: string
  readonly checked: boolean
  readonly disabled?: boolean
  readonly onChange: (checked: boolean) => void
}

/** A choice that is on or off, with its words in front. */
export function SwitchField({ label, hint, checked, disabled = false, onChange }: SwitchFieldProps) {
  const id = useId()
  return (
    <div className={style['row']}>
      <span className={style['text']}>
        <span id={id}>{label}</span>
        {hint !== undefined && (
          <span id={`${id}-hint`} className={style['hint']}>
            {hint}
          </span>
        )}
      </span>
      <Switch.Root
        className={style['switch']}
        checked={checked}
        disabled={disabled}
        onCheckedChange={onChange}
        aria-labelledby={id}
        {...(hint === undefined ? {} : { 'aria-describedby': `${id}-hint` })}
      >
        <Switch.Thumb className={style['thumb']} />
      </Switch.Root>
    </div>
  )
}
