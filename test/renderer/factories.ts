import type { Message } from '../../shared/model/message.ts'
import { DEFAULT_POLICY, type Person } from '../../shared/model/person.ts'
import { type PersonId, personId, splitPersonId } from '../../shared/model/person-id.ts'
import type { Reach } from '../../shared/model/reach.ts'
import { DEFAULT_STATUS, type Self } from '../../shared/model/self.ts'
import { DEFAULT_SETTINGS } from '../../shared/model/settings.ts'
import type { Offer, PathReceipt, ShownTransfer } from '../../shared/model/shown-transfer.ts'
import type { AccountState, WindowState } from '../../shared/model/window-state.ts'

/* What the main process would tell, made for tests and screenshots. */

/** The account that is signed in. */
export const ME = 'jonas@example.org'

/** Somebody in its eyes. */
export function of(address: string): PersonId {
  return personId(ME, address)
}

/** A Monday, 14:32 UTC. */
export const NOW = Date.UTC(2026, 5, 15, 14, 32)
export const MINUTE = 60_000
export const DAY = 24 * 60 * MINUTE

export function person(more: Partial<Person> & Pick<Person, 'address'>): Person {
  const name = more.name ?? more.address.split('@')[0] ?? more.address
  const online = more.availability ?? 'online'
  return {
    id: of(more.address),
    name,
    picture: null,
    inContacts: true,
    subscription: 'both',
    asked: false,
    groups: [],
    availability: online,
    devices:
      online === 'offline' ? [] : [{ address: `${more.address}/Laptop`, availability: online, direct: true }],
    status: '',
    idleSince: null,
    unread: 0,
    typing: false,
    blocked: false,
    last: null,
    policy: DEFAULT_POLICY,
    ...more,
  }
}

export const RECEIPT: PathReceipt = {
  method: 'dtcp',
  network: 'local',
  relay: 'none',
  encrypted: true,
  verified: true,
  code: '40213 99017 55482 10938 77120 46651',
}

export function transfer(more: Partial<ShownTransfer> & Pick<ShownTransfer, 'id' | 'name'>): ShownTransfer {
  return {
    person: of('anna@example.org'),
    direction: 'in',
    size: 12_800_000_000,
    files: null,
    at: NOW,
    state: { kind: 'offered' },
    receipt: null,
    attempts: [],
    resumedFrom: null,
    restarted: false,
    canPause: false,
    canRetry: false,
    listed: true,
    hasFile: false,
    picture: null,
    ...more,
  }
}

export function message(more: Partial<Message> & Pick<Message, 'id' | 'text'>): Message {
  const direction = more.direction ?? 'in'
  return {
    person: of('anna@example.org'),
    direction,
    at: NOW,
    state: direction === 'in' ? 'received' : 'delivered',
    unstyled: false,
    failure: null,
    edited: false,
    ...more,
  }
}

export function offer(more: Partial<Offer> & Pick<Offer, 'transfer' | 'name'>): Offer {
  const { address } = splitPersonId(more.person ?? of('maya@studio.example'))
  return {
    person: of(address),
    device: `${address}/Desk`,
    fromContact: true,
    mustBecomeContact: false,
    size: 3_100_000_000,
    files: null,
    encrypted: true,
    at: NOW,
    folder: 'Downloads',
    freeBytes: 214_000_000_000,
    ...more,
  }
}

export function reach(more: Partial<Reach> = {}): Reach {
  return {
    addresses: [
      { address: '192.168.178.24', kind: 'local', told: true },
      { address: '2001:db8:4f:1::24', kind: 'global', told: true },
      { address: '203.0.113.7', kind: 'mapped', told: true },
      { address: '172.17.0.1', kind: 'virtual', told: false },
    ],
    mapping: { kind: 'mapped', protocol: 'upnp', external: '203.0.113.7:51000' },
    proxy: 'proxy.example.org',
    advice: [],
    ...more,
  }
}

export const SIGNED_IN: AccountState & { kind: 'signed-in' } = {
  kind: 'signed-in',
  address: ME,
  server: null,
  connection: 'connected',
  trouble: null,
}

export const SELF: Self = {
  account: ME,
  nick: '',
  picture: null,
  status: DEFAULT_STATUS,
  idle: false,
  blocked: [],
}

export function windowState(more: Partial<WindowState> = {}): WindowState {
  return {
    sequence: 0,
    app: { version: '0.1.0', platform: 'linux', hasKeyring: true, languages: ['en-GB'] },
    accounts: [SIGNED_IN],
    selves: [SELF],
    people: [],
    requests: [],
    transfers: [],
    offers: [],
    settings: DEFAULT_SETTINGS,
    downloadFolder: 'Downloads',
    notices: [],
    update: { kind: 'managed', by: 'nobody' },
    ...more,
  }
}
