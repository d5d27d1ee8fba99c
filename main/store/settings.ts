import { randomBytes } from 'node:crypto'
import * as z from 'zod'
import { BareJid, ContactPolicy, DEFAULT_POLICY } from '../../shared/model/person.ts'
import { DEFAULT_STATUS, OwnStatus } from '../../shared/model/self.ts'
import { DEFAULT_SETTINGS, Settings } from '../../shared/model/settings.ts'
import { ServerPlace } from '../../shared/model/window-state.ts'
import type { SettingsStore } from '../messenger/ports.ts'
import { openVersioned } from './versioned-file.ts'

const Stored = z.strictObject({
  settings: Settings,
  downloadFolder: z.string(),
  accounts: z.array(z.strictObject({ address: BareJid, server: ServerPlace.nullable() })),
  /** The resource of our JID: the same each time, so that a session that was cut off is replaced. */
  device: z.string().min(1).max(64),
  /** By our own bare JID, then by the contact's. */
  policies: z.record(z.string(), z.record(z.string(), ContactPolicy)),
  /** By our own bare JID. */
  statuses: z.record(z.string(), OwnStatus),
})
type Stored = z.infer<typeof Stored>

/** Opens settings.json in `folder`. `downloads`: the system's own folder, until another is chosen. */
export function openSettings(folder: string, downloads: string): SettingsStore {
  const file = openVersioned<Stored>({
    folder,
    name: 'settings',
    what: 'settings',
    schema: Stored,
    migrations: [withPortMapping, withUpdates, withAccounts],
    initial: {
      settings: DEFAULT_SETTINGS,
      downloadFolder: downloads,
      accounts: [],
      device: `Plumb-${randomBytes(2).toString('hex')}`,
      policies: {},
      statuses: {},
    },
  })
  const save = (patch: Partial<Stored>): void => file.save({ ...file.value, ...patch })
  return {
    get settings() {
      return file.value.settings
    },
    get downloadFolder() {
      return file.value.downloadFolder
    },
    get accounts() {
      return file.value.accounts
    },
    get device() {
      return file.value.device
    },
    damage: file.damage,
    change: patch => save({ settings: { ...file.value.settings, ...patch } }),
    setDownloadFolder: downloadFolder => save({ downloadFolder }),
    keepAccount(account) {
      const { accounts } = file.value
      const known = accounts.some(({ address }) => address === account.address)
      save({
        accounts: known
          ? accounts.map(each => (each.address === account.address ? account : each))
          : [...accounts, account],
      })
    },
    dropAccount(address) {
      const { [address]: _, ...policies } = file.value.policies
      const { [address]: __, ...statuses } = file.value.statuses
      const accounts = file.value.accounts.filter(account => account.address !== address)
      save({ accounts, policies, statuses })
    },
    policyOf(account, contact) {
      // Own entries only: an address may be called like something that every object has.
      const ofAccount = Object.hasOwn(file.value.policies, account) ? file.value.policies[account] : undefined
      const policy = ofAccount && Object.hasOwn(ofAccount, contact) ? ofAccount[contact] : undefined
      return policy ?? DEFAULT_POLICY
    },
    statusOf(account) {
      const { statuses } = file.value
      return (Object.hasOwn(statuses, account) ? statuses[account] : undefined) ?? DEFAULT_STATUS
    },
    setStatus: (account, status) => save({ statuses: { ...file.value.statuses, [account]: status } }),
    setPolicy(account, contact, policy) {
      const { policies } = file.value
      save({ policies: { ...policies, [account]: { ...policies[account], [contact]: policy } } })
    },
  }
}

/** Version 2: the router may be asked for a port. */
function withPortMapping(old: Record<string, unknown>): Record<string, unknown> {
  return { ...old, settings: { ...(old['settings'] as object), portMapping: true } }
}

/** Version 3: Plumb keeps itself current. */
function withUpdates(old: Record<string, unknown>): Record<string, unknown> {
  const settings = { ...(old['settings'] as object), automaticUpdates: true, betaUpdates: false }
  return { ...old, settings }
}

/** Version 4: several accounts, and what a conversation may show and tell. */
function withAccounts({ lastAccount, ...old }: Record<string, unknown>): Record<string, unknown> {
  const chat = {
    language: 'system',
    awayWhenIdle: true,
    sendReceipts: true,
    sendDisplayed: true,
    sendTyping: true,
    recentEmoji: [],
    showPictures: true,
  }
  return {
    ...old,
    settings: { ...(old['settings'] as object), ...chat },
    accounts: lastAccount === null ? [] : [lastAccount],
    statuses: {},
  }
}
