import { Popover } from '@base-ui/react/popover'
import { lazy, type ReactElement, type RefObject, Suspense, useEffect, useState } from 'react'
import { emojiGroups } from '../words/emoji-list.ts'
import { say } from '../words/say.ts'
import style from './emoji-picker.module.css'

/** Apart, with its list of emoji: a window that opens has neither to read. */
const load = async () => {
  const [{ EmojiPanel }] = await Promise.all([import('./emoji-panel.tsx'), emojiGroups()])
  return { default: EmojiPanel }
}
const EmojiPanel = lazy(load)

interface EmojiPickerProps {
  /** Those that were picked lately, the last one first. */
  readonly recent: readonly string[]
  readonly onPick: (emoji: string) => void
  /** What has the focus afterwards; otherwise what opened it. */
  readonly finalFocus?: RefObject<HTMLElement | null>
  /** What opens it. */
  readonly children: ReactElement
}

/** Emoji above the button that opens them, to be searched and picked by pointer or by keyboard. */
export function EmojiPicker({ recent, onPick, finalFocus, children }: EmojiPickerProps) {
  const [isOpen, setOpen] = useState(false)
  // As soon as there is a button for it, so that nobody waits.
  useEffect(() => void load(), [])
  const pick = (emoji: string): void => {
    setOpen(false)
    onPick(emoji)
  }
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger render={children} />
      <Popover.Portal>
        <Popover.Positioner side="top" sideOffset={6}>
          <Popover.Popup
            className={style['popup']}
            aria-label={say('emoji.title')}
            {...(finalFocus === undefined ? {} : { finalFocus })}
          >
            <Suspense>
              <EmojiPanel recent={recent} onPick={pick} />
            </Suspense>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
