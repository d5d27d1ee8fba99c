import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { strangersOffers } from '../state/selectors.ts'
import { attempt, dispatch, useView } from '../state/store.ts'
import { shortTime } from '../words/time.ts'
import { sizeOf } from '../words/transfer.ts'
import style from './dialog-parts.module.css'

const NONE = [] as const

/** Files of people who are no contacts. What they are called is not shown before one is looked at. */
export function StrangersDialog() {
  const all = useView(state => state.known?.offers ?? NONE)
  const offers = strangersOffers(all)
  const close = (): void => dispatch({ type: 'close-dialog' })
  const decline = async (transfer: string): Promise<void> => {
    await attempt(window.plumb.declineOffer(transfer))
  }
  const declineAll = async (): Promise<void> => {
    await Promise.all(offers.map(({ transfer }) => decline(transfer)))
  }
  return (
    <Dialog
      title="From people not in your contacts"
      wide
      description={
        offers.length === 0
          ? 'Nothing waits here any more.'
          : 'Anybody can offer a file. Decline what you do not expect.'
      }
      onClose={close}
    >
      <ul className={`${style['list']} ${style['scroll']}`}>
        {offers.map(offer => (
          <li key={offer.transfer} className={style['entry']}>
            <div>
              <p>
                <bdi>{offer.device}</bdi>
              </p>
              <p className={style['soft']}>
                {offer.files === null ? 'A file' : 'A folder'}, {sizeOf(offer) ?? 'size not known'} ·{' '}
                {shortTime(offer.at)}
              </p>
            </div>
            <Button kind="quiet" onClick={() => void decline(offer.transfer)}>
              Decline
            </Button>
            <Button onClick={() => dispatch({ type: 'review', transfer: offer.transfer })}>Review</Button>
          </li>
        ))}
      </ul>
      <DialogButtons>
        {offers.length > 1 && (
          <Button kind="quiet" onClick={() => void declineAll()}>
            Decline all
          </Button>
        )}
        <Button onClick={close}>Close</Button>
      </DialogButtons>
    </Dialog>
  )
}
