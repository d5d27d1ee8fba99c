import { useEffect, useRef } from 'react'
import { dispatch, isNarrow, useView } from '../state/store.ts'
import { say } from '../words/say.ts'
import { Conversation } from './conversation.tsx'
import style from './messenger.module.css'
import { Notices } from './notices.tsx'
import { OfferPrompt } from './offer-prompt.tsx'
import { People } from './people.tsx'
import { Transfers } from './transfers.tsx'
import { UpdateNotice } from './update-notice.tsx'

/** The window of somebody who is signed in: people, conversation, transfers. */
export function Messenger() {
  const transfersOpen = useView(state => state.transfersOpen)
  const transfers = useRef<HTMLElement>(null)
  // Where it lies over the conversation, the keyboard goes with it, and back.
  useEffect(() => {
    if (!transfersOpen || !isNarrow()) return
    const before = document.activeElement
    transfers.current?.focus()
    return () => {
      // Unless somebody went on elsewhere meanwhile.
      if (document.activeElement === document.body && before instanceof HTMLElement) before.focus()
    }
  }, [transfersOpen])
  return (
    <div className={style['window']}>
      <People />
      <main className={style['middle']}>
        <Notices />
        <UpdateNotice />
        <Conversation />
        <OfferPrompt />
      </main>
      {transfersOpen && (
        <aside
          ref={transfers}
          tabIndex={-1}
          className={style['transfers']}
          aria-label={say('talk.transfers')}
          onKeyDown={event => {
            if (event.key === 'Escape' && isNarrow()) dispatch({ type: 'show-transfers', open: false })
          }}
        >
          <Transfers />
        </aside>
      )}
    </div>
  )
}
