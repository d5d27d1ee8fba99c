import type {
  AccountForm,
  FormAnswers,
  FormField,
  RegistrationOffer,
} from '../../shared/model/registration.ts'
import type { Picture } from '../pictures/picture-header.ts'
import type { FormAnswers as AnswersByName } from '../xmpp/xep-0004.ts'
import type { RegistrationOffer as ReadOffer, RegistrationForm } from '../xmpp/xep-0077.ts'

/** A form as the window may have it: without what is hidden, each picture once, with all of it in its address. */
export function shownForm({ title, instructions, fields }: RegistrationForm): AccountForm {
  const pictures: Picture[] = []
  const placeOf = (picture: Picture): number => {
    const place = pictures.indexOf(picture)
    return place === -1 ? pictures.push(picture) - 1 : place
  }
  const shown = fields.flatMap(({ type, pictures: own, ...field }): FormField[] => {
    if (type === 'hidden') return []
    return [
      {
        ...field,
        type,
        values: [...field.values],
        options: [...field.options],
        pictures: own.map(placeOf),
      },
    ]
  })
  return { title, instructions, fields: shown, pictures: pictures.map(addressOf) }
}

export function shownOffer(offer: ReadOffer): RegistrationOffer {
  return offer.kind === 'form' ? { kind: 'form', form: shownForm(offer.form) } : offer
}

/** Only what the form asks for: what is hidden goes back as it came. */
export function answersTo({ fields }: RegistrationForm, given: FormAnswers): AnswersByName {
  const asked = new Set(fields.flatMap(({ name, type }) => (type === 'hidden' ? [] : name)))
  return new Map(given.flatMap(({ name, values }) => (asked.has(name) ? [[name, values]] : [])))
}

function addressOf({ type, bytes }: Picture): string {
  return `data:${type};base64,${Buffer.from(bytes).toString('base64')}`
}
