import { useLayoutEffect, useRef } from 'react'
import { splitPersonId } from '../../shared/model/person-id.ts'
import type { Offer } from '../../shared/model/shown-transfer.ts'
import { useAnswers } from '../components/answers.ts'
import { Avatar } from '../components/avatar.tsx'
import { Button } from '../components/button.tsx'
import { FileName, FileTile } from '../components/file-name.tsx'
import { isOwn, promptOf } from '../state/selectors.ts'
import { attempt, dispatch, useView } from '../state/store.ts'
import { useFocusCommand } from '../state/use-command.ts'
import { placeOf, sizeOf } from '../words/transfer.ts'
import style from './offer-prompt.module.css'

/** The question that an offered file asks. Further ones wait behind it, oldest first. */
export function OfferPrompt() {
  const known = useView(state => state.known)
  const reviewing = useView(state => state.reviewing)
  const { offer, count } = promptOf({ known, reviewing })
  // By its id: the next one is another question, and a press that began on this one does not answer that.
  return offer === undefined ? null : <Question key={offer.transfer} offer={offer} count={count} />
}

function Question({ offer, count }: { readonly offer: Offer; readonly count: number }) {
  const { transfer, person, fromContact, mustBecomeContact, name, files, encrypted } = offer
  const known = useView(state => state.known?.people.get(person))
  const own = isOwn(person)
  const { account, address } = splitPersonId(person)
  const answer = useAnswers()
  const isFolder = files !== null
  const { text, fits } = placeOf(offer)
  const accept = useRef<HTMLButtonElement>(null)
  const box = useRef<HTMLElement>(null)
  // Before it is taken off the page, the focus is still known.
  useLayoutEffect(() => {
    const before = document.activeElement
    // The keyboard is there from the start, but not in the middle of a sentence: then the menu's shortcut leads here.
    if (!isWriting(before)) focusAnswer(accept.current, box.current)
    const asked = box.current
    return () => {
      // Whoever answered by the keyboard goes on where they were.
      if (asked?.contains(document.activeElement) && before instanceof HTMLElement) before.focus()
    }
  }, [])
  useFocusCommand('offers', () => focusAnswer(accept.current, box.current))
  const who = known?.name ?? address.split('@')[0] ?? address
  return (
    <section
      ref={box}
      className={style['prompt']}
      role="alertdialog"
      aria-labelledby="offer-title"
      aria-describedby="offer-warning offer-file offer-encryption offer-place"
      tabIndex={-1}
    >
      <div className={style['who']}>
        <Avatar name={who} address={address} picture={known?.picture} />
        <div>
          <h2 id="offer-title">
            <bdi>{who}</bdi> wants to send you {isFolder ? 'a folder' : 'a file'}
          </h2>
          <p title={offer.device}>
            {own
              ? `${offer.device}, your own account`
              : fromContact
                ? `${address}, in your contacts`
                : `${offer.device}, not in your contacts`}
          </p>
        </div>
        {count > 1 && <span className={style['count']}>1 of {count}</span>}
      </div>
      {!fromContact && (
        <p id="offer-warning" className={style['warning']}>
          {mustBecomeContact
            ? 'You don’t know this address. Add them to your contacts first: accepting shows them this computer’s network address.'
            : 'You don’t know this address. Accepting shows them this computer’s network address.'}
        </p>
      )}
      <div id="offer-file" className={style['file']}>
        <FileTile name={name} isFolder={isFolder} />
        <div>
          <FileName name={name} isFolder={isFolder} />
          <p className={style['facts']}>
            {sizeOf(offer) ?? 'Size not known'} · {encrypted && 'encrypted, '}from <bdi>{who}</bdi>’s computer
          </p>
        </div>
      </div>
      {!encrypted && (
        <p id="offer-encryption" className={style['warning']}>
          Not encrypted: their program cannot. Whoever is on the way can read it.
        </p>
      )}
      <p id="offer-place" className={fits ? style['where'] : `${style['where']} ${style['full']}`}>
        {text}
      </p>
      <div className={style['buttons']}>
        <Button kind="quiet" {...answer(() => attempt(window.plumb.declineOffer(transfer)))}>
          Decline
        </Button>
        {mustBecomeContact ? (
          <Button
            kind="primary"
            onClick={() =>
              dispatch({ type: 'open-dialog', dialog: { kind: 'add-person', address, account } })
            }
          >
            Add to contacts…
          </Button>
        ) : (
          <>
            <Button {...answer(() => attempt(window.plumb.acceptOfferAs(transfer)))}>Save as…</Button>
            <Button
              ref={accept}
              kind="primary"
              disabled={!fits}
              {...answer(() => attempt(window.plumb.acceptOffer(transfer)))}
            >
              Accept
            </Button>
          </>
        )}
      </div>
    </section>
  )
}

/** Whether a key means something else already: a text that was begun, a dialog, a menu. */
function isWriting(active: Element | null): boolean {
  if (active instanceof HTMLTextAreaElement || active instanceof HTMLInputElement) return active.value !== ''
  return active?.closest('[role="dialog"], [role="menu"]') != null
}

function focusAnswer(accept: HTMLButtonElement | null, box: HTMLElement | null): void {
  if (accept?.disabled === false) accept.focus()
  else box?.focus()
}
