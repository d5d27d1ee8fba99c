import { Eye, EyeOff } from 'lucide-react'
import { type ComponentProps, useState } from 'react'
import { MAX_PASSWORD_LENGTH } from '../../shared/model/limits.ts'
import { say } from '../words/say.ts'
import { IconButton } from './button.tsx'
import { TextField } from './text-field.tsx'

type PasswordFieldProps = Omit<ComponentProps<typeof TextField>, 'type' | 'end' | 'maxLength'>

/** Something that nobody else should read, unless the person wants to see what was typed. */
export function PasswordField(props: PasswordFieldProps) {
  const [shown, setShown] = useState(false)
  return (
    <TextField
      type={shown ? 'text' : 'password'}
      maxLength={MAX_PASSWORD_LENGTH}
      spellCheck={false}
      autoComplete="new-password"
      end={
        <IconButton
          icon={shown ? EyeOff : Eye}
          label={shown ? say('parts.hide-typed') : say('parts.show-typed')}
          compact
          type="button"
          onClick={() => setShown(!shown)}
        />
      }
      {...props}
    />
  )
}
