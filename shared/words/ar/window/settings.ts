import type { settingsWords as en } from '../../en/window/settings.ts'
import type { Translation } from '../../make-say.ts'

export const settingsWords: Translation<typeof en> = {}
