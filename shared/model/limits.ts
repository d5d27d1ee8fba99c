/* What both processes check, without the schema library: the window does not carry it. */

/** `name@server`, without a resource. */
export const BARE_JID = /^[^@/\s]+@[^@/\s]+$/

/** Characters; what a composer takes and a window shows. */
export const MAX_MESSAGE_LENGTH = 65_536
