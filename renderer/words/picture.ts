import type { ShownTransfer } from '../../shared/model/shown-transfer.ts'

type Size = NonNullable<ShownTransfer['picture']>

/** Pixels of the window that a picture takes between the messages. */
const MAX_WIDTH = 320
const MAX_HEIGHT = 240

/** Where the main process has the picture of a transfer: main/desktop/app-protocol.ts answers. */
export function pictureAddress(transfer: string): string {
  return `./picture/${encodeURIComponent(transfer)}`
}

/** Where it has somebody's picture. */
export function faceAddress(hash: string): string {
  return `./face/${hash}`
}

/** The room for a picture, known before it is there, so that nothing moves when it comes. Never larger than it is. */
export function roomFor({ width, height }: Size): Size {
  const scale = Math.min(1, MAX_WIDTH / width, MAX_HEIGHT / height)
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}
