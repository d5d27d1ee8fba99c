import { dispatch, isNarrow, useView } from '../state/store.ts'
import { Conversation } from './conversation.tsx'
import { Dialogs } from './dialogs.tsx'
import { FailureToast } from './failure-toast.tsx'
import style from './messenger.module.css'
import { Notices } from './notices.tsx'
import { OfferPrompt } from './offer-prompt.tsx'
import { People } from './people.tsx'
import { Transfers } from './transfers.tsx'

/** The window of somebody who is signed in: people, conversation, transfers. */
export function Messenger() {
  const transfersOpen = useView(state => state.transfersOpen)
  return (
    <div className={style['window']}>
      <People />
      <main className={style['middle']}>
        <Notices />
        <Conversation />
        <OfferPrompt />
      </main>
      {transfersOpen && (
        <aside
          className={style['transfers']}
          aria-label="Transfers"
          onKeyDown={event => {
            if (event.key === 'Escape' && isNarrow()) dispatch({ type: 'show-transfers', open: false })
          }}
        >
          <Transfers />
        </aside>
      )}
      <Dialogs />
      <FailureToast />
    </div>
  )
}
