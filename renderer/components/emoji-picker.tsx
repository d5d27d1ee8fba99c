import { lazy, type ReactElement, type RefObject, Suspense } from 'react'
import { emojiGroups } from '../words/emoji-list.ts'

/** Apart, with its list of emoji: a window that opens has neither to read. */
const EmojiPopover = lazy(async () => {
  const [{ EmojiPopover: popover }] = await Promise.all([import('./emoji-popover.tsx'), emojiGroups()])
  return { default: popover }
})

export interface EmojiPickerProps {
  /** Those that were picked lately, the last one first. */
  readonly recent: readonly string[]
  readonly onPick: (emoji: string) => void
  /** What has the focus afterwards; otherwise what opened it. */
  readonly finalFocus?: RefObject<HTMLElement | null>
  /** What opens it. */
  readonly children: ReactElement
}

/** The emoji, and the button that opens them: it is there first, and opens them a moment later. */
export function EmojiPicker(props: EmojiPickerProps) {
  return (
    <Suspense fallback={props.children}>
      <EmojiPopover {...props} />
    </Suspense>
  )
}
