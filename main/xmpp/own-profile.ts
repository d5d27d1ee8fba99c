import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { type Picture, readPicture } from '../pictures/picture-header.ts'
import { IqError, type IqRouter } from './iq.ts'
import { updateVCard } from './xep-0054.ts'
import { publishItem, retractItem } from './xep-0060.ts'
import {
  hashOf,
  MAX_AVATAR_PIXELS,
  NS_AVATAR_DATA,
  NS_AVATAR_METADATA,
  writeAvatarData,
  writeAvatarMetadata,
} from './xep-0084.ts'
import { publishNick } from './xep-0172.ts'

/** What we tell others of ourselves: a picture and a name, for new programs in nodes, for old ones in the vCard. */

/** A feature of our account: its server makes the vCard, and the hash in our presence, out of the node (XEP-0398). */
export const NS_VCARD_CONVERSION = 'urn:xmpp:pep-vcard-conversion:0'

/** In base64 and with a vCard around it has to stay below what the usual servers take for one stanza (262,144). */
const MAX_OWN_BYTES = 128 * 1024
const OPTIONS = { access: 'presence', maxItems: 1 } as const

/**
 * Gives our account this picture; resolves with its hash, for our presence. `converts`: see NS_VCARD_CONVERSION. Throws
 * `not-allowed` for what is no picture or too large, and where the server takes it in no way.
 */
export async function publishAvatar(
  iq: IqRouter,
  bytes: Uint8Array,
  { converts, signal }: { readonly converts: boolean; readonly signal?: AbortSignal },
): Promise<string> {
  const picture = readPicture(bytes, { maxPixels: MAX_AVATAR_PIXELS })
  if (picture === undefined || bytes.length > MAX_OWN_BYTES) {
    throw new Failure('not-allowed', say('picture.too-large'))
  }
  const hash = hashOf(bytes)
  // XEP-0084 section 3: the picture before the word of it, so that whoever hears it finds it.
  const inNode = async (): Promise<void> => {
    const data = { node: NS_AVATAR_DATA, id: hash, payload: writeAvatarData(bytes), options: OPTIONS }
    await publishItem(iq, data, { signal })
    await publishMetadata(iq, hash, picture, signal)
  }
  await inEitherWay(inNode, converts ? undefined : () => updateVCard(iq, { photo: picture }, { signal }))
  return hash
}

/** Takes it away again; `hash` is that of the picture, where it is known. Throws as `publishAvatar`. */
export async function removeAvatar(
  iq: IqRouter,
  hash: string | undefined,
  { converts, signal }: { readonly converts: boolean; readonly signal?: AbortSignal },
): Promise<void> {
  const inNode = async (): Promise<void> => {
    await publishMetadata(iq, 'none', undefined, signal)
    if (hash !== undefined) await retractItem(iq, NS_AVATAR_DATA, hash, { signal })
  }
  await inEitherWay(inNode, converts ? undefined : () => updateVCard(iq, { photo: null }, { signal }))
}

/**
 * Tells others how we call ourselves; empty for no longer. Throws `not-allowed` where the server takes it in no way.
 */
export async function publishOwnName(iq: IqRouter, name: string, signal?: AbortSignal): Promise<void> {
  await inEitherWay(
    () => publishNick(iq, name, signal),
    () => updateVCard(iq, { nickname: name }, { signal }),
  )
}

async function publishMetadata(
  iq: IqRouter,
  id: string,
  picture: Picture | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const item = { node: NS_AVATAR_METADATA, id, payload: writeAvatarMetadata(picture), options: OPTIONS }
  await publishItem(iq, item, { signal })
}

/** One that the server refuses is made up for by the other. */
async function inEitherWay(
  inNode: () => Promise<void>,
  inVCard: (() => Promise<void>) | undefined,
): Promise<void> {
  const refusals: unknown[] = []
  const ways = inVCard === undefined ? [inNode] : [inNode, inVCard]
  for (const way of ways) {
    try {
      await way()
    } catch (error) {
      const isRefused = error instanceof IqError || (error instanceof Failure && error.code === 'not-allowed')
      if (!isRefused) throw error
      refusals.push(error)
    }
  }
  if (refusals.length === ways.length) {
    throw new Failure('not-allowed', say('profile.not-kept'), {
      cause: refusals[0],
    })
  }
}
