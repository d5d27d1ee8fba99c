import type { sizeWords as source } from '../en/sizes.ts'
import type { Translation } from '../make-say.ts'

export const sizeWords: Translation<typeof source> = {
  'size.bytes': '{bytes, number} Byte',
  'size.part': '{part} von {whole}',
}
