import { constants } from 'node:fs'

/** Neither through a link nor waiting for the other end of a pipe, should one have been put there. */
export const CAREFULLY = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)
