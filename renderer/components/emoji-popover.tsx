import { Popover } from '@base-ui/react/popover'
import { Suspense, useState } from 'react'
import { say } from '../words/say.ts'
import { EmojiPanel } from './emoji-panel.tsx'
import style from './emoji-picker.module.css'
import type { EmojiPickerProps } from './emoji-picker.tsx'

/** Emoji above the button that opens them, to be searched and picked by pointer or by keyboard. */
export function EmojiPopover({ recent, onPick, finalFocus, children }: EmojiPickerProps) {
  const [isOpen, setOpen] = useState(false)
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
            {/* In another language they are read anew. */}
            <Suspense>
              <EmojiPanel recent={recent} onPick={pick} />
            </Suspense>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  )
}
