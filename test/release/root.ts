import { fileURLToPath } from 'node:url'

/** Of the repository; ends in a slash. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
