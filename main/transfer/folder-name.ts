import { basename } from 'node:path'

/** What a folder is called, for people: its own name; that of a whole disk is its path. */
export function folderName(path: string): string {
  return basename(path) || path
}
