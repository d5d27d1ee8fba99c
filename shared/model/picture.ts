import * as z from 'zod'
import { MAX_DRAWN_BYTES } from './limits.ts'

/* Pictures of people. The window alone decodes what came from others, and gives back what it has drawn itself. */

/** By which a picture is known: SHA-1 of the bytes as they were published, lower-case hex. */
export const PictureHash = z.string().regex(/^[0-9a-f]{40}$/)

const PictureType = z.enum(['image/png', 'image/jpeg', 'image/gif', 'image/webp'])

const Bytes = z.custom<Uint8Array>(value => value instanceof Uint8Array)

/** A whole file. */
export const PictureFile = z.strictObject({ type: PictureType, bytes: Bytes })
export type PictureFile = z.infer<typeof PictureFile>

/** What the window has drawn. */
export const DrawnPicture = Bytes.refine(bytes => bytes.length <= MAX_DRAWN_BYTES)
