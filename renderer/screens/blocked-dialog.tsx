import { personId } from '../../shared/model/person-id.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { selfOf } from '../state/selectors.ts'
import { attempt, dispatch, useView } from '../state/store.ts'
import { say } from '../words/say.ts'
import style from './dialog-parts.module.css'

/** All that one of our accounts has blocked, also who is in no list any more. */
export function BlockedDialog({ account }: { readonly account: string }) {
  const blocked = useView(state => selfOf(state, account)?.blocked) ?? []
  const people = useView(state => state.known?.people)
  const close = (): void => dispatch({ type: 'close-dialog' })
  const nameOf = (address: string): string | undefined =>
    address.includes('@') && !address.includes('/')
      ? people?.get(personId(account, address))?.name
      : undefined
  return (
    <Dialog
      title={say('block-list.title')}
      description={blocked.length === 0 ? say('block-list.nobody') : say('block-list.meaning')}
      onClose={close}
    >
      {blocked.length > 0 && (
        <ul className={`${style['list']} ${style['scroll']}`} aria-label={say('block-list.title')}>
          {blocked.map(address => (
            <li key={address} className={style['entry']}>
              <div>
                {nameOf(address) !== undefined && <p dir="auto">{nameOf(address)}</p>}
                <p className={nameOf(address) === undefined ? undefined : style['soft']}>
                  <bdi dir="ltr">{address}</bdi>
                </p>
              </div>
              <Button
                aria-label={say('block-list.unblock-address', { address })}
                onClick={() => void attempt(window.plumb.unblock(account, address))}
              >
                {say('block-list.unblock')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <DialogButtons>
        <Button kind="primary" onClick={close}>
          {say('block-list.done')}
        </Button>
      </DialogButtons>
    </Dialog>
  )
}
