import { type ReactNode, useLayoutEffect, useRef } from 'react'
import { splitPersonId } from '../../shared/model/person-id.ts'
import type { Offer } from '../../shared/model/shown-transfer.ts'
import { useAnswers } from '../components/answers.ts'
import { Avatar } from '../components/avatar.tsx'
import { Button } from '../components/button.tsx'
import { FileName, FileTile } from '../components/file-name.tsx'
import { isOwn, promptOf } from '../state/selectors.ts'
import { attempt, dispatch, useView } from '../state/store.ts'
import { useFocusCommand } from '../state/use-command.ts'
import { draw, say } from '../words/say.ts'
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
  const { transfer, person, device, fromContact, mustBecomeContact, name, files, encrypted } = offer
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
            {isFolder
              ? draw('offer-prompt.folder', { who: isolated, name: who })
              : draw('offer-prompt.file', { who: isolated, name: who })}
          </h2>
          <p title={device}>
            {own
              ? say('offer-prompt.own', { device })
              : fromContact
                ? say('offer-prompt.contact', { address })
                : say('offer-prompt.stranger', { device })}
          </p>
        </div>
        {count > 1 && (
          <span className={style['count']}>{say('offer-prompt.count', { first: 1, count })}</span>
        )}
      </div>
      {!fromContact && (
        <p id="offer-warning" className={style['warning']}>
          {mustBecomeContact ? say('offer-prompt.add-first') : say('offer-prompt.shows-address')}
        </p>
      )}
      <div id="offer-file" className={style['file']}>
        <FileTile name={name} isFolder={isFolder} />
        <div>
          <FileName name={name} isFolder={isFolder} />
          <p className={style['facts']}>
            {sizeOf(offer) ?? say('offer-prompt.no-size')} ·{' '}
            {encrypted
              ? draw('offer-prompt.encrypted-source', { who: isolated, name: who })
              : draw('offer-prompt.source', { who: isolated, name: who })}
          </p>
        </div>
      </div>
      {!encrypted && (
        <p id="offer-encryption" className={style['warning']}>
          {say('offer-prompt.not-encrypted')}
        </p>
      )}
      <p id="offer-place" className={fits ? style['where'] : `${style['where']} ${style['full']}`}>
        {text}
      </p>
      <div className={style['buttons']}>
        <Button kind="quiet" {...answer(() => attempt(window.plumb.declineOffer(transfer)))}>
          {say('offer-prompt.decline')}
        </Button>
        {mustBecomeContact ? (
          <Button
            kind="primary"
            onClick={() =>
              dispatch({ type: 'open-dialog', dialog: { kind: 'add-person', address, account } })
            }
          >
            {say('offer-prompt.add')}
          </Button>
        ) : (
          <>
            <Button {...answer(() => attempt(window.plumb.acceptOfferAs(transfer)))}>
              {say('offer-prompt.save-as')}
            </Button>
            <Button
              ref={accept}
              kind="primary"
              disabled={!fits}
              {...answer(() => attempt(window.plumb.acceptOffer(transfer)))}
            >
              {say('offer-prompt.accept')}
            </Button>
          </>
        )}
      </div>
    </section>
  )
}

function isolated(inner: ReactNode) {
  return <bdi>{inner}</bdi>
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
