/* What both processes check, without the schema library: the window does not carry it. */

/** `name@server`, without a resource. */
export const BARE_JID = /^[^@/\s]+@[^@/\s]+$/

/** Characters of a bare JID (RFC 7622: two parts of 1023 bytes), of a full one, of a password, of a host name. */
export const MAX_ADDRESS_LENGTH = 2_047
export const MAX_FULL_ADDRESS_LENGTH = 3_071
export const MAX_PASSWORD_LENGTH = 1_024
export const MAX_HOST_LENGTH = 253

/** Emoji that were picked lately, and UTF-16 units of one: of the longest there is, and then some. */
export const MAX_RECENT_EMOJI = 16
export const MAX_EMOJI_LENGTH = 40
/** Characters of what is told of oneself. */
export const MAX_STATUS_LENGTH = 1_000

/** Of one contact. */
export const MAX_GROUPS = 100

/** Sides of a picture of somebody as it is kept and shown, and of our own as it is published, in pixels. */
export const SHOWN_SIDE = 96
export const OWN_SIDE = 256
/** Bytes of each of these. */
export const MAX_DRAWN_BYTES = 64 * 1024

/** Files of one drop; one more is looked at to say that it was too many. */
export const MAX_FILES_AT_ONCE = 1_000

/** A picture that is pasted, in bytes: a file on the disk may be as large as it likes. */
export const MAX_PASTED_BYTES = 50 * 1024 * 1024
export const PASTED_TYPES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'] as const

/** Characters; what a composer takes and a window shows. */
export const MAX_MESSAGE_LENGTH = 65_536

/** Of a form that a server wants filled in. `name`, `value`, `line`, `instructions`: characters of one. */
export const FORM_LIMITS = {
  fields: 100,
  name: 256,
  value: 16_384,
  values: 500,
  options: 500,
  line: 500,
  instructions: 4_000,
  pictures: 16,
  /** Characters of an address that has the whole picture in it: 256 KiB. */
  pictureUrl: 350_000,
} as const
