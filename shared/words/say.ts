import { mainWords as ar } from './ar/main.ts'
import { mainWords as de } from './de/main.ts'
import { mainWords as en } from './en/main.ts'
import { language } from './language.ts'
import { makeSay, type PlainKey } from './make-say.ts'

const WORDS = { en, de, ar }

/** What the main process says: failures, notices, menus, the system’s dialogs. */
export const say = makeSay<typeof en>(() => WORDS[language().tag])

/** A message without values, to be handed on and said elsewhere. */
export type Sayable = PlainKey<typeof en>
