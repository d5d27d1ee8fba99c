import type { Offer } from '../../shared/model/shown-transfer.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { strangersOffers } from '../state/selectors.ts'
import { attempt, dispatch, useView } from '../state/store.ts'
import { say } from '../words/say.ts'
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
      title={say('strangers.title')}
      wide
      description={offers.length === 0 ? say('strangers.none') : say('strangers.warning')}
      onClose={close}
    >
      <ul className={`${style['list']} ${style['scroll']}`}>
        {offers.map(offer => (
          <li key={offer.transfer} className={style['entry']}>
            <div>
              <p>
                <bdi dir="ltr">{offer.device}</bdi>
              </p>
              <p className={style['soft']}>{lineOf(offer)}</p>
            </div>
            <Button kind="quiet" onClick={() => void decline(offer.transfer)}>
              {say('strangers.decline')}
            </Button>
            <Button onClick={() => dispatch({ type: 'review', transfer: offer.transfer })}>
              {say('strangers.review')}
            </Button>
          </li>
        ))}
      </ul>
      <DialogButtons>
        {offers.length > 1 && (
          <Button kind="quiet" onClick={() => void declineAll()}>
            {say('strangers.decline-all')}
          </Button>
        )}
        <Button onClick={close}>{say('strangers.close')}</Button>
      </DialogButtons>
    </Dialog>
  )
}

/** What it is, how large, and since when it waits. */
function lineOf(offer: Offer): string {
  const size = sizeOf(offer)
  const time = shortTime(offer.at)
  if (offer.files === null) {
    return size === undefined
      ? say('strangers.file-unsized', { time })
      : say('strangers.file', { size, time })
  }
  return size === undefined
    ? say('strangers.folder-unsized', { time })
    : say('strangers.folder', { size, time })
}
