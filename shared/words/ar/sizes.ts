import type { sizeWords as source } from '../en/sizes.ts'
import type { Translation } from '../make-say.ts'

export const sizeWords: Translation<typeof source> = {
  'size.bytes':
    '{bytes, plural, zero {# بايت} one {بايت واحد} two {بايتان} few {# بايتات} many {# بايتًا} other {# بايت}}',
  'size.part': '{part} من {whole}',
}
