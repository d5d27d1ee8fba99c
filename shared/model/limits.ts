/* What both processes check, without the schema library: the window does not carry it. */

/** `name@server`, without a resource. */
export const BARE_JID = /^[^@/\s]+@[^@/\s]+$/

/** Files of one drop; one more is looked at to say that it was too many. */
export const MAX_FILES_AT_ONCE = 1_000

/** Characters; what a composer takes and a window shows. */
export const MAX_MESSAGE_LENGTH = 65_536
