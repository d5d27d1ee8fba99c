import { createHash } from 'node:crypto'

/**
 * The SHA-256 that stands for everything, lower-case hex: that of a single file; of a folder, over one line for each
 * file, "digest, two spaces, name as it was sent, newline", in the order of the manifest.
 */
export function totalDigest(
  kind: 'file' | 'folder',
  files: Iterable<{ readonly sha256: string; readonly name: string }>,
): string {
  const hash = createHash('sha256')
  for (const { sha256, name } of files) {
    if (kind === 'file') return sha256
    hash.update(`${sha256}  ${name}\n`)
  }
  return hash.digest('hex')
}
