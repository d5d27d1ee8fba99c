import { promisify } from 'node:util'
import { gunzip, inflateRaw } from 'node:zlib'
import * as z from 'zod'

/** Packed, and unpacked: that of a release of 240 MB has a quarter of the one and half a megabyte of the other. */
export const MAX_BLOCK_MAP_BYTES = 1024 * 1024
const MAX_UNPACKED_BYTES = 4 * 1024 * 1024

const BlockMap = z.object({
  files: z.tuple([
    z.object({
      offset: z.int().nonnegative(),
      checksums: z.array(z.string()),
      sizes: z.array(z.int().positive()),
    }),
  ]),
})

/**
 * Throws where it is no map of blocks, as electron-updater reads them: nobody signed it, and by sizes that are none or below
 * zero the library would copy without an end, or throw where nobody hears it.
 */
export async function requireBlockMap(packed: Buffer, how: 'gzip' | 'raw'): Promise<void> {
  const unpack = promisify<Buffer, { maxOutputLength: number }, Buffer>(how === 'gzip' ? gunzip : inflateRaw)
  const text = await unpack(packed, { maxOutputLength: MAX_UNPACKED_BYTES })
  BlockMap.parse(JSON.parse(text.toString()))
}
