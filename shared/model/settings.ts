import * as z from 'zod'

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
  /** Tells contacts that nobody is at this computer, after ten minutes or once it is locked. */
  awayWhenIdle: z.boolean(),
  /** Tells contacts that their message has arrived (XEP-0184). */
  sendReceipts: z.boolean(),
  /** Tells contacts how far their messages were seen (XEP-0333). */
  sendDisplayed: z.boolean(),
  /** Tells contacts that a message is being written (XEP-0085). */
  sendTyping: z.boolean(),
  notifications: z.boolean(),
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
  awayWhenIdle: true,
  sendReceipts: true,
  sendDisplayed: true,
  sendTyping: true,
  notifications: true,
  automaticUpdates: true,
  betaUpdates: false,
}
