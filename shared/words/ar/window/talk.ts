import type { talkWords as en } from '../../en/window/talk.ts'
import type { Translation } from '../../make-say.ts'

export const talkWords: Translation<typeof en> = {}
