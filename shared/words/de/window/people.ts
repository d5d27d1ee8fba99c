import type { peopleWords as en } from '../../en/window/people.ts'
import type { Translation } from '../../make-say.ts'

export const peopleWords: Translation<typeof en> = {}
