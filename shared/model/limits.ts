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

/** Files of one drop; one more is looked at to say that it was too many. */
export const MAX_FILES_AT_ONCE = 1_000

/** Characters; what a composer takes and a window shows. */
export const MAX_MESSAGE_LENGTH = 65_536
