import * as z from 'zod'
import { FORM_LIMITS, MAX_HOST_LENGTH } from './limits.ts'
import { BareJid } from './person.ts'
import { FailureValue } from './shown-transfer.ts'
import { ServerPlace } from './window-state.ts'

const { fields, name, value, values, options, line, instructions, pictures, pictureUrl } = FORM_LIMITS

const FieldName = z.string().min(1).max(name)
const Line = z.string().max(line)
const Value = z.string().max(value)

/** One question of a form, or words in between. What is hidden stays in the main process. */
export const FormField = z.strictObject({
  /** Unique in its form; empty for a `fixed` one, which only says something. */
  name: z.string().max(name),
  type: z.enum([
    'boolean',
    'fixed',
    'jid-multi',
    'jid-single',
    'list-multi',
    'list-single',
    'text-multi',
    'text-private',
    'text-single',
  ]),
  /** Empty where it goes by the name: `username`, `password`, `email` and their like. */
  label: Line,
  /** More words about it; may be empty. */
  description: Line,
  required: z.boolean(),
  values: z.array(Value).max(values),
  options: z.array(z.strictObject({ value: Value, label: Line })).max(options),
  /** Places in the pictures of the form. */
  pictures: z.array(z.int().nonnegative()).max(pictures),
})
export type FormField = z.infer<typeof FormField>

/** A form of a server. All text in it is harmless. */
export const AccountForm = z.strictObject({
  title: Line,
  /** With line breaks. */
  instructions: z.string().max(instructions),
  fields: z.array(FormField).max(fields),
  /**
   * Addresses with all of the picture in it, whose first bytes were read here: raster pictures of few pixels and no others.
   * A page that shows one asks nobody for it, and nothing in it runs.
   */
  pictures: z
    .array(
      z
        .string()
        .max(pictureUrl)
        .regex(/^data:image\/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/]*=*$/),
    )
    .max(pictures),
})
export type AccountForm = z.infer<typeof AccountForm>

/** What was filled in, by the names of the fields. What is left out stays as it came. */
export const FormAnswers = z
  .array(z.strictObject({ name: FieldName, values: z.array(Value).max(values) }))
  .max(fields)
export type FormAnswers = z.infer<typeof FormAnswers>

/** Where an account is to be made. */
export const RegistrationPlace = z.strictObject({
  domain: z
    .string()
    .min(1)
    .max(MAX_HOST_LENGTH)
    .regex(/^[^@/\s]+$/),
  server: ServerPlace.nullable(),
})
export type RegistrationPlace = z.infer<typeof RegistrationPlace>

/** How one gets an account there. */
export const RegistrationOffer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('form'), form: AccountForm }),
  /** At a web page. */
  z.strictObject({
    kind: z.literal('elsewhere'),
    url: z.url({ protocol: /^https$/ }).max(2048),
    instructions: z.string().max(instructions),
  }),
  z.strictObject({ kind: z.literal('closed') }),
])
export type RegistrationOffer = z.infer<typeof RegistrationOffer>

/** What became of a form that was sent. */
export const RegistrationResult = z.discriminatedUnion('kind', [
  /** `address` is null where the form asked for no name: only the server knows it. */
  z.strictObject({ kind: z.literal('created'), address: BareJid.nullable() }),
  z.strictObject({
    kind: z.literal('refused'),
    failure: FailureValue,
    /** The name of the field that it is about; null where it is about none or nobody knows. */
    field: z.string().max(name).nullable(),
    /** Asked anew, where what the form showed was good for one answer; null: the same as before. */
    offer: RegistrationOffer.nullable(),
  }),
])
export type RegistrationResult = z.infer<typeof RegistrationResult>

/** What becomes of an account of ours that is changed or deleted. */
export const AccountChangeResult = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('done') }),
  /** The server wants to know more first. */
  z.strictObject({ kind: z.literal('form'), form: AccountForm }),
])
export type AccountChangeResult = z.infer<typeof AccountChangeResult>
