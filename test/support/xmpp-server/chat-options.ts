import type { ArchiveOptions } from './archiving.ts'

/** What a chat on several devices needs of a server beyond RFC 6121. What is left out is on. */
export interface ChatOptions {
  /** XEP-0313, and XEP-0359 with it. */
  readonly archive?: boolean | ArchiveOptions
  /**
   * What becomes of a message for who is not there: it comes back, it is in the archive and nothing else, or it is
   * delivered when somebody comes (in addition to the archive, as ejabberd does). Default: `archive`, and `bounce`
   * without one.
   */
  readonly offline?: 'bounce' | 'archive' | 'deliver'
  /** XEP-0280. */
  readonly carbons?: boolean
  /**
   * XEP-0163. `few-options`: takes only `access_model` and `persist_items` to publish with, and refuses all others, as
   * ejabberd 23.01 does. Nodes are configured with any.
   */
  readonly pep?: boolean | 'few-options'
  /** XEP-0054. `separate`: their pictures are not the avatars, and no hash comes into anybody's presence. */
  readonly vcards?: boolean | 'separate'
  /** XEP-0191. */
  readonly blocking?: boolean
  /** RFC 6121 §2.6. */
  readonly rosterVersions?: boolean
  /** XEP-0352, which changes nothing here. */
  readonly clientState?: boolean
}

export interface ChatFeatures {
  readonly archive: ArchiveOptions | undefined
  readonly offline: 'bounce' | 'archive' | 'deliver'
  readonly carbons: boolean
  readonly pep: 'all-options' | 'few-options' | undefined
  readonly vcards: 'separate' | 'converted' | undefined
  readonly blocking: boolean
  readonly rosterVersions: boolean
  readonly clientState: boolean
}

export function chatFeatures(chat: boolean | ChatOptions): ChatFeatures {
  const isOn = chat !== false
  const options = typeof chat === 'boolean' ? {} : chat
  const { archive = isOn, pep = isOn, vcards = isOn } = options
  return {
    archive: archive === true ? {} : archive === false ? undefined : archive,
    offline: options.offline ?? (archive === false ? 'bounce' : 'archive'),
    carbons: options.carbons ?? isOn,
    pep: pep === true ? 'all-options' : pep === false ? undefined : pep,
    vcards: vcards === false ? undefined : vcards === 'separate' || pep === false ? 'separate' : 'converted',
    blocking: options.blocking ?? isOn,
    rosterVersions: options.rosterVersions ?? isOn,
    clientState: options.clientState ?? isOn,
  }
}
