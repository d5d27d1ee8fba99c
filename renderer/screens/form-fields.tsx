import type { FormField } from '../../shared/model/registration.ts'
import { LinesField } from '../components/lines-field.tsx'
import { PasswordField } from '../components/password-field.tsx'
import { SelectField } from '../components/select-field.tsx'
import { SwitchField } from '../components/switch-field.tsx'
import { TextField } from '../components/text-field.tsx'
import { isOn } from '../state/form-answers.ts'
import { labelOf } from '../words/account-form.ts'
import { say } from '../words/say.ts'
import style from './form-fields.module.css'
import type { Questions } from './use-questions.ts'

/** What is wrong with the answers, by the names of the fields. */
export type Complaints = ReadonlyMap<string, string>

interface FormFieldsProps {
  readonly questions: Questions
  readonly disabled: boolean
}

/** The questions of a server, and what is wrong with the answers. */
export function FormFields({ questions, disabled }: FormFieldsProps) {
  const { form, answers, complaints, failure, setAnswers } = questions
  return (
    <>
      {form.title !== '' && (
        <p className={style['title']} dir="auto">
          {form.title}
        </p>
      )}
      {form.instructions !== '' && (
        <p className={style['instructions']} dir="auto">
          {form.instructions}
        </p>
      )}
      {form.fields.map((field, index) => (
        <div key={field.name || `fixed ${index}`} className={style['question']}>
          {field.pictures.map(place => (
            <img
              key={place}
              src={form.pictures[place]}
              alt={say('account-form.picture', { question: labelOf(field) })}
              className={style['picture']}
            />
          ))}
          <Question
            field={field}
            values={answers.get(field.name) ?? []}
            complaint={complaints.get(field.name)}
            disabled={disabled}
            onChange={values => setAnswers(new Map(answers).set(field.name, values))}
          />
        </div>
      ))}
      {failure !== undefined && (
        <p className={style['failure']} role="alert">
          {failure}
        </p>
      )}
    </>
  )
}

interface QuestionProps {
  readonly field: FormField
  readonly values: readonly string[]
  readonly complaint: string | undefined
  readonly disabled: boolean
  readonly onChange: (values: readonly string[]) => void
}

function Question({ field, values, complaint, disabled, onChange }: QuestionProps) {
  const { name, type, description, required } = field
  const [value = ''] = values
  const common = {
    label: labelOf(field),
    hint: description === '' ? undefined : description,
    error: complaint,
    required,
  }
  const one = { value, onValueChange: (text: string) => onChange([text]), readOnly: disabled }
  switch (type) {
    case 'fixed':
      return (
        <p className={style['fixed']} dir="auto">
          {field.values.join('\n')}
        </p>
      )
    case 'boolean':
      return (
        <SwitchField
          label={common.label}
          checked={isOn(values)}
          disabled={disabled}
          onChange={on => onChange([on ? '1' : '0'])}
          {...(common.hint === undefined ? {} : { hint: common.hint })}
        />
      )
    case 'list-single':
      return (
        <SelectField
          {...common}
          value={values[0]}
          choices={field.options}
          disabled={disabled}
          onValueChange={chosen => onChange(chosen === undefined ? [] : [chosen])}
        />
      )
    case 'list-multi':
      return (
        <fieldset className={style['group']} disabled={disabled}>
          <legend className={style['label']}>{common.label}</legend>
          {common.hint !== undefined && <p className={style['instructions']}>{common.hint}</p>}
          {field.options.map(option => (
            <SwitchField
              key={option.value}
              label={option.label}
              checked={values.includes(option.value)}
              onChange={on =>
                onChange(on ? [...values, option.value] : values.filter(each => each !== option.value))
              }
            />
          ))}
          {complaint !== undefined && (
            <p className={style['bad']} role="alert">
              {complaint}
            </p>
          )}
        </fieldset>
      )
    case 'text-multi':
    case 'jid-multi':
      return (
        <LinesField
          {...common}
          value={values.join('\n')}
          onValueChange={text => onChange(text.split('\n'))}
          readOnly={disabled}
        />
      )
    case 'text-private':
      return <PasswordField {...common} {...one} />
    case 'jid-single':
    case 'text-single':
      return <TextField {...common} {...one} spellCheck={false} autoComplete={autoCompleteOf(name)} />
  }
}

function autoCompleteOf(name: string): string {
  return name === 'username' || name === 'email' ? name : 'off'
}
