import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { delay } from '../transfer/patience.ts'
import { NS_PLUMB } from '../xmpp/plumb.ts'
import type { Presences, Resource } from '../xmpp/presence.ts'
import { bareJid, isFullJid } from '../xmpp/stanza.ts'
import type { Discovery } from '../xmpp/xep-0030.ts'
import { NS_DTCP } from '../xmpp/xep-0046.ts'
import { NS_FILE_TRANSFER, NS_SI } from '../xmpp/xep-0096.ts'

/** How long a device may take to say what it supports. */
const DISCO_TIMEOUT_MS = 5_000

/** How long other devices may take to answer, once one that will do has. */
const OTHERS_TIMEOUT_MS = 500

/** The device that a file is offered to. */
export interface Recipient {
  /** Full JID. */
  readonly address: string
  /** Whether it is one of our own programs; undefined where it was not asked. */
  readonly isPlumb: boolean | undefined
}

export interface Surroundings {
  /** Our own full JID: not a recipient. */
  readonly own: string
  readonly presences: Presences
  readonly discovery: Discovery
  readonly isContact: (address: string) => boolean
  /** Resolves once the presences that the server already knew have come. */
  readonly presencesKnown: Promise<void>
}

/**
 * Chooses the device for a bare JID: of those that are online and take files, one of our own programs before one that
 * makes direct connections before others, then by priority. A full JID is the device itself. Waits up to `waitMs` for one
 * to come online. Throws `peer-offline`, `peer-unsupported`, or `signal`'s reason.
 */
export async function findRecipient(
  to: string,
  waitMs: number,
  around: Surroundings,
  signal: AbortSignal,
): Promise<Recipient> {
  const deadline = Date.now() + waitMs
  await around.presencesKnown
  return isFullJid(to)
    ? findDevice(to, deadline, around, signal)
    : findBestDevice(to, deadline, around, signal)
}

async function findDevice(
  address: string,
  deadline: number,
  { presences, isContact, discovery }: Surroundings,
  signal: AbortSignal,
): Promise<Recipient> {
  // Only of contacts is it known that they are offline; whether anybody else is there, the offer will tell.
  while (isContact(address) && !presences.isOnline(address) && Date.now() < deadline) {
    await nextArrival(presences, bareJid(address), deadline, signal)
  }
  const known = await features(address, discovery, signal)
  signal.throwIfAborted()
  return { address, isPlumb: known?.has(NS_PLUMB) }
}

async function findBestDevice(
  bare: string,
  deadline: number,
  around: Surroundings,
  signal: AbortSignal,
): Promise<Recipient> {
  const answers = new Map<string, Set<string> | undefined>()
  const asked = new Map<string, Promise<void>>()
  const ask = async (address: string): Promise<void> => {
    answers.set(address, await features(address, around.discovery, signal))
  }
  for (;;) {
    const online = around.presences.resourcesOf(bare).filter(({ address }) => address !== around.own)
    const arrived = nextArrival(around.presences, bare, deadline, signal)
    // Nobody awaits it where a device is found at once.
    arrived.catch(() => {})
    for (const { address } of online) if (!asked.has(address)) asked.set(address, ask(address))
    const open = online.flatMap(({ address }) => (answers.has(address) ? [] : (asked.get(address) ?? [])))
    const found = best(online, answers)
    if (found !== undefined) {
      // One that sleeps, or is gone and the server does not know it yet, is not waited for; others may be better.
      await Promise.race([Promise.all(open), delay(OTHERS_TIMEOUT_MS, signal)])
      return best(online, answers) ?? found
    }
    if (open.length > 0) await Promise.race([...open, ...(Date.now() < deadline ? [arrived] : [])])
    else if (Date.now() >= deadline) {
      // A device that does not answer the question may still understand an offer.
      const silent = online.find(({ address }) => answers.get(address) === undefined)
      if (silent !== undefined) return { address: silent.address, isPlumb: undefined }
      throw notFound(bare, online.length > 0, around.isContact(bare))
    } else await arrived
    signal.throwIfAborted()
  }
}

function best(
  online: readonly Resource[],
  answers: ReadonlyMap<string, Set<string> | undefined>,
): Recipient | undefined {
  const takesFiles = online.filter(({ address }) => {
    const known = answers.get(address)
    return known?.has(NS_SI) && known.has(NS_FILE_TRANSFER)
  })
  const chosen =
    [NS_PLUMB, NS_DTCP]
      .map(feature => takesFiles.find(({ address }) => answers.get(address)?.has(feature)))
      .find(found => found !== undefined) ?? takesFiles[0]
  return chosen && { address: chosen.address, isPlumb: answers.get(chosen.address)?.has(NS_PLUMB) ?? false }
}

/** Undefined where the device gives no usable answer. */
async function features(
  address: string,
  discovery: Discovery,
  signal: AbortSignal,
): Promise<Set<string> | undefined> {
  try {
    return await discovery.featuresOf(address, { timeoutMs: DISCO_TIMEOUT_MS, signal })
  } catch {
    return undefined
  }
}

/** Waits until a device of the account comes online, or the deadline. */
async function nextArrival(
  presences: Presences,
  bare: string,
  deadline: number,
  signal: AbortSignal,
): Promise<void> {
  const arrived = Promise.withResolvers<void>()
  const onAvailable = (address: string): void => {
    if (bareJid(address) === bare) arrived.resolve()
  }
  const stop = new AbortController()
  presences.on('available', onAvailable)
  try {
    const remaining = Math.max(0, deadline - Date.now())
    await Promise.race([arrived.promise, delay(remaining, AbortSignal.any([signal, stop.signal]))])
  } finally {
    presences.off('available', onAvailable)
    stop.abort()
  }
}

function notFound(bare: string, online: boolean, isContact: boolean): Failure {
  if (online) {
    return new Failure('peer-unsupported', say('peer.takes-no-files', { address: bare }))
  }
  return isContact
    ? new Failure('peer-offline', say('peer.not-online', { address: bare }))
    : new Failure('peer-offline', say('peer.no-contact', { address: bare }))
}
