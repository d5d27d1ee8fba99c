/* What both processes check, without the schema library: the window does not carry it. */

/** `name@server`, without a resource. */
export const BARE_JID = /^[^@/\s]+@[^@/\s]+$/

/** Characters of a bare JID (RFC 7622: two parts of 1023 bytes), of a full one, of a password, of a host name. */
export const MAX_ADDRESS_LENGTH = 2_047
export const MAX_FULL_ADDRESS_LENGTH = 3_071
export const MAX_PASSWORD_LENGTH = 1_024
export const MAX_HOST_LENGTH = 253

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

/** Characters; what a composer takes and a window shows. */
export const MAX_MESSAGE_LENGTH = 65_536
