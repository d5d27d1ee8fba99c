import type { Locator } from '@playwright/test'

/** Pastes a picture that is no file, as a screenshot is in the clipboard. */
export async function pastePicture(field: Locator, png: Uint8Array): Promise<void> {
  await field.evaluate(
    (element, bytes) => {
      const data = new DataTransfer()
      data.items.add(new File([Uint8Array.from(bytes)], 'image.png', { type: 'image/png' }))
      element.dispatchEvent(
        new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
      )
    },
    [...png],
  )
}
