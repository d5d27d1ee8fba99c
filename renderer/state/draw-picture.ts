import { MAX_DRAWN_BYTES, OWN_SIDE, SHOWN_SIDE } from '../../shared/model/limits.ts'
import type { PictureFile } from '../../shared/model/picture.ts'

/* Here alone, in the sandbox, pictures are decoded. What leaves it was drawn anew: nothing but pixels is left of them. */

/** Of the JPEGs that are tried where a PNG is too large. */
const QUALITIES = [0.9, 0.75, 0.5]

/** Somebody's picture as it is shown: a PNG; null for what cannot be decoded. */
export async function drawShown(picture: PictureFile): Promise<Uint8Array | null> {
  try {
    return await bytesOf(await (await draw(picture, SHOWN_SIDE)).convertToBlob({ type: 'image/png' }))
  } catch {
    return null
  }
}

/** Our own as it is published: small, and without what a camera wrote into it; null for what cannot be decoded. */
export async function drawOwn(picture: PictureFile): Promise<Uint8Array | null> {
  try {
    const png = await (await draw(picture, OWN_SIDE)).convertToBlob({ type: 'image/png' })
    if (png.size <= MAX_DRAWN_BYTES) return await bytesOf(png)
    const canvas = await draw(picture, OWN_SIDE, '#ffffff')
    for (const quality of QUALITIES) {
      const jpeg = await canvas.convertToBlob({ type: 'image/jpeg', quality })
      if (jpeg.size <= MAX_DRAWN_BYTES) return await bytesOf(jpeg)
    }
    return null
  } catch {
    return null
  }
}

/** The square in its middle. `ground` is what shows through it. */
async function draw({ type, bytes }: PictureFile, side: number, ground?: string): Promise<OffscreenCanvas> {
  const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type }))
  const { width, height } = bitmap
  const square = Math.min(width, height)
  const canvas = new OffscreenCanvas(side, side)
  const context = canvas.getContext('2d')
  if (context === null) throw new Error('bug: there is no canvas')
  if (ground !== undefined) {
    context.fillStyle = ground
    context.fillRect(0, 0, side, side)
  }
  context.imageSmoothingQuality = 'high'
  context.drawImage(bitmap, (width - square) / 2, (height - square) / 2, square, square, 0, 0, side, side)
  bitmap.close()
  return canvas
}

async function bytesOf(blob: Blob): Promise<Uint8Array> {
  return new Uint8Array(await blob.arrayBuffer())
}
