import { Copy, Pencil, RotateCw } from 'lucide-react'
import { useRef } from 'react'
import type { Message } from '../../shared/model/message.ts'
import { splitPersonId } from '../../shared/model/person-id.ts'
import { joined } from '../components/button.tsx'
import { RowMenu } from '../components/menu.tsx'
import { MessageText } from '../components/message-text.tsx'
import { isConnectedIn } from '../state/accounts.ts'
import { copyText } from '../state/clipboard.ts'
import { correctable } from '../state/selectors.ts'
import { attempt, dispatch, useView } from '../state/store.ts'
import { deliveryOf } from '../words/message.ts'
import { say } from '../words/say.ts'
import { clockTime } from '../words/time.ts'
import style from './message-list.module.css'

interface MessageEntryProps {
  readonly message: Message
  readonly joinedToLast: boolean
  readonly timed: boolean
  /** It was looked for, and found right now. */
  readonly isMarked: boolean
}

/** One message, with what became of it below where that is to be said. */
export function MessageEntry({ message, joinedToLast, timed, isMarked }: MessageEntryProps) {
  const { id, person, direction, text, unstyled, state, failure, at, edited } = message
  const bubble = useRef<HTMLDivElement>(null)
  const canCorrect = useView(({ conversation }) => correctable(conversation)?.id === id)
  const correct = (): void => {
    dispatch({ type: 'correct', person, correction: { message: id, text } })
    dispatch({ type: 'focus', on: 'composer' })
  }
  const resend = (): void => void attempt(window.plumb.resendMessage(person, id))
  return (
    <div
      className={joined(
        style['row'],
        joinedToLast ? undefined : style['apart'],
        direction === 'out' ? style['out'] : undefined,
        isMarked ? style['marked'] : undefined,
      )}
      aria-current={isMarked || undefined}
    >
      <RowMenu
        entries={[
          { icon: Copy, label: say('message.copy'), act: () => copyText(selectedIn(bubble.current) ?? text) },
          ...(canCorrect ? [{ icon: Pencil, label: say('message.edit'), act: correct }] : []),
          ...(state === 'failed' ? [{ icon: RotateCw, label: say('message.again'), act: resend }] : []),
        ]}
      >
        <div ref={bubble} className={style['bubble']}>
          <MessageText text={text} isUnstyled={unstyled} onXmppLink={followLink} />
        </div>
      </RowMenu>
      {timed && (
        <span className={joined(style['meta'], state === 'failed' ? style['failed'] : undefined)}>
          {clockTime(at)}
          {edited && ` · ${say('message.edited')}`}
          {direction === 'out' && <Delivery message={message} />}
          {state === 'failed' && (
            <>
              {failure !== null && <span>{failure}</span>}
              <button type="button" className={style['again']} onClick={resend}>
                {say('message.again')}
              </button>
            </>
          )}
        </span>
      )}
    </div>
  )
}

function Delivery({ message: { person, state } }: { readonly message: Message }) {
  const isConnected = useView(({ known }) =>
    isConnectedIn(known?.accounts ?? [], splitPersonId(person).account),
  )
  return ` · ${deliveryOf(state, isConnected)}`
}

/** What is selected of an element, if that is all that is. */
function selectedIn(element: HTMLElement | null): string | undefined {
  const selection = window.getSelection()
  if (selection === null || selection.isCollapsed || element === null) return undefined
  const isInside = [selection.anchorNode, selection.focusNode].every(node => element.contains(node))
  return isInside ? selection.toString() : undefined
}

function followLink(url: string): void {
  void attempt(window.plumb.followLink(url))
}
