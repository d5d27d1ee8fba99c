import { BARE_JID } from '../../../shared/model/limits.ts'
import { type Connection, numberOf, type Row, textOf, textOrNull } from './connection.ts'
import type { Conversations } from './conversations.ts'
import { boundedTime } from './messages.ts'
import { type KeptContact, PICTURES, type Profile } from './shapes.ts'

/** A contact as JSON has it. */
interface StoredContact extends Omit<KeptContact, 'name'> {
  readonly name: string | null
}

const SUBSCRIPTIONS: readonly unknown[] = [
  'none',
  'to',
  'from',
  'both',
] satisfies KeptContact['subscription'][]

/** Of one account; so many contacts may be in a list. */
const MAX_PROFILES = 50_000
const MAX_NICK_LENGTH = 1_000
const MAX_HASH_LENGTH = 200
/** Bytes of one blob, and of all. */
const MAX_BLOB = 256 * 1024
const MAX_BLOBS = 64 * 1024 * 1024
/** When something was used is noted no more often, so that reading seldom writes. */
const USED_STEP_MS = 60 * 60_000

/** Who is in the contact list, what people say of themselves, and their pictures. */
export class KnownPeople {
  readonly #connection: Connection
  readonly #conversations: Conversations
  readonly #now: () => number

  constructor(connection: Connection, conversations: Conversations, now: () => number) {
    this.#connection = connection
    this.#conversations = conversations
    this.#now = now
  }

  saveContacts(account: string, contacts: readonly KeptContact[], version: string | null): void {
    const kept = contacts.map(
      ({ address, name, subscription, asked, groups }): StoredContact => ({
        address,
        name: name ?? null,
        subscription,
        asked,
        groups,
      }),
    )
    this.#connection.run(
      'UPDATE account SET contacts = ?, roster_version = ? WHERE id = ?',
      JSON.stringify(kept),
      version,
      this.#conversations.account(account),
    )
  }

  /** Empty, as if the server had never told one, where the list cannot be read: it tells all of it then. */
  contacts(account: string): { readonly contacts: readonly KeptContact[]; readonly version: string | null } {
    const row = this.#connection.get(
      'SELECT contacts, roster_version FROM account WHERE address = ?',
      account,
    )
    const kept = row === undefined ? [] : readContacts(textOf(row, 'contacts'))
    if (row === undefined || kept === undefined) return { contacts: [], version: null }
    const contacts = kept.map(({ name, ...contact }) => ({ ...contact, name: name ?? undefined }))
    return { contacts, version: textOrNull(row, 'roster_version') }
  }

  saveProfile(account: string, { address, avatar, nick, at }: Profile): void {
    const owner = this.#conversations.account(account)
    this.#connection.run(
      `INSERT INTO profile (account, address, avatar, nick, at) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (account, address) DO UPDATE SET avatar = excluded.avatar, nick = excluded.nick, at = excluded.at`,
      owner,
      address,
      avatar === null || avatar.length > MAX_HASH_LENGTH ? null : avatar,
      nick?.slice(0, MAX_NICK_LENGTH) ?? null,
      boundedTime(at),
    )
    this.#connection.run(
      `DELETE FROM profile WHERE account = ?1 AND address IN (SELECT address FROM profile
         WHERE account = ?1 ORDER BY at DESC LIMIT -1 OFFSET ${MAX_PROFILES})`,
      owner,
    )
  }

  profiles(account: string): readonly Profile[] {
    return this.#connection
      .all(
        `SELECT profile.address AS address, avatar, nick, at FROM profile
         JOIN account ON account.id = account WHERE account.address = ?`,
        account,
      )
      .map(profileOf)
  }

  /** Those of people whom no account knows any more. */
  forgetPictures(): void {
    this.#connection.run(
      'DELETE FROM blob WHERE kind = ? AND key NOT IN (SELECT avatar FROM profile WHERE avatar IS NOT NULL)',
      PICTURES,
    )
  }

  /** Those used longest ago make room. Whether it was kept: one that is too large is not. */
  saveBlob(kind: string, key: string, bytes: Uint8Array): boolean {
    if (bytes.length > MAX_BLOB || key.length > MAX_HASH_LENGTH) return false
    this.#connection.run(
      'INSERT OR REPLACE INTO blob (kind, key, size, used, bytes) VALUES (?, ?, ?, ?, ?)',
      kind,
      key,
      bytes.length,
      this.#now(),
      bytes,
    )
    const row = this.#connection.get('SELECT sum(size) AS size FROM blob')
    let tooMuch = (row === undefined ? 0 : numberOf(row, 'size')) - MAX_BLOBS
    if (tooMuch <= 0) return true
    for (const each of this.#connection.all('SELECT rowid AS id, size FROM blob ORDER BY used, rowid')) {
      if (tooMuch <= 0) break
      this.#connection.run('DELETE FROM blob WHERE rowid = ?', numberOf(each, 'id'))
      tooMuch -= numberOf(each, 'size')
    }
    return true
  }

  blob(kind: string, key: string): Uint8Array | null {
    const row = this.#connection.get('SELECT bytes, used FROM blob WHERE kind = ? AND key = ?', kind, key)
    if (!(row?.['bytes'] instanceof Uint8Array)) return null
    const now = this.#now()
    if (now - numberOf(row, 'used') >= USED_STEP_MS) {
      this.#connection.run('UPDATE blob SET used = ? WHERE kind = ? AND key = ?', now, kind, key)
    }
    return row['bytes']
  }
}

function readContacts(text: string): readonly StoredContact[] | undefined {
  try {
    const stored: unknown = JSON.parse(text)
    return Array.isArray(stored) && stored.every(isContact) ? stored : undefined
  } catch {
    return undefined
  }
}

/** By hand: the schema library takes half of the time in which an account with thousands of contacts opens. */
function isContact(value: unknown): value is StoredContact {
  if (typeof value !== 'object' || value === null) return false
  if (!('address' in value && 'name' in value && 'subscription' in value)) return false
  if (!('asked' in value && 'groups' in value)) return false
  const { address, name, subscription, asked, groups } = value
  return (
    typeof address === 'string' &&
    BARE_JID.test(address) &&
    (name === null || typeof name === 'string') &&
    SUBSCRIPTIONS.includes(subscription) &&
    typeof asked === 'boolean' &&
    Array.isArray(groups) &&
    groups.every(group => typeof group === 'string')
  )
}

function profileOf(row: Row): Profile {
  return {
    address: textOf(row, 'address'),
    avatar: textOrNull(row, 'avatar'),
    nick: textOrNull(row, 'nick'),
    at: numberOf(row, 'at'),
  }
}
