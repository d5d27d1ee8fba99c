import type { filesWords as en } from '../../en/window/files.ts'
import type { Translation } from '../../make-say.ts'

export const filesWords: Translation<typeof en> = {}
