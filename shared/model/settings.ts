import * as z from 'zod'
import { LANGUAGE_TAGS } from '../words/language.ts'
import { MAX_EMOJI_LENGTH, MAX_RECENT_EMOJI } from './limits.ts'

/** What the person can change in the window. The download folder is chosen in a dialog of the system. */
export const Settings = z.strictObject({
  /** `anyone`: offers of strangers wait in a list; `contacts`: they are declined unseen. */
  whoMaySend: z.enum(['contacts', 'anyone']),
  /** A direct connection shows both sides each other's addresses. `accepted`: also strangers whose file was accepted. */
  whoSeesAddresses: z.enum(['contacts', 'accepted']),
  /** Null: any free one, chosen anew each time. */
  port: z.int().min(1024).max(65_535).nullable(),
  /** Asks the router for a port, so that others can connect to this computer. */
  portMapping: z.boolean(),
  startAtLogin: z.boolean(),
  /** Closing the window keeps Plumb running in the tray. */
  closeToTray: z.boolean(),
  theme: z.enum(['system', 'light', 'dark']),
  language: z.enum(['system', ...LANGUAGE_TAGS]),
  /** Tells contacts that nobody is at this computer, after ten minutes or once it is locked. */
  awayWhenIdle: z.boolean(),
  /** Tells contacts that their message has arrived (XEP-0184). */
  sendReceipts: z.boolean(),
  /** Tells contacts how far their messages were seen (XEP-0333). */
  sendDisplayed: z.boolean(),
  /** Tells contacts that a message is being written (XEP-0085). */
  sendTyping: z.boolean(),
  /** Emoji that were picked lately, the last one first. */
  recentEmoji: z.array(z.string().max(MAX_EMOJI_LENGTH)).max(MAX_RECENT_EMOJI),
  notifications: z.boolean(),
  /** Pictures that were sent are shown between the messages; those of strangers only when asked for. */
  showPictures: z.boolean(),
  /** Looks for newer versions, downloads them, and installs them when Plumb ends. */
  automaticUpdates: z.boolean(),
  /** Also versions that are being tried out. */
  betaUpdates: z.boolean(),
})
export type Settings = z.infer<typeof Settings>

export const DEFAULT_SETTINGS: Settings = {
  whoMaySend: 'anyone',
  whoSeesAddresses: 'contacts',
  port: null,
  portMapping: true,
  startAtLogin: false,
  closeToTray: false,
  theme: 'system',
  language: 'system',
  awayWhenIdle: true,
  sendReceipts: true,
  sendDisplayed: true,
  sendTyping: true,
  recentEmoji: [],
  notifications: true,
  showPictures: true,
  automaticUpdates: true,
  betaUpdates: false,
}
