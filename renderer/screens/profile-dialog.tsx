import { useState } from 'react'
import { Avatar } from '../components/avatar.tsx'
import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { TextField } from '../components/text-field.tsx'
import { drawOwn } from '../state/draw-picture.ts'
import { selfOf } from '../state/selectors.ts'
import { attempt, dispatch, useView } from '../state/store.ts'
import style from './dialog-parts.module.css'

/** Who we are to all who see us: name and picture. Each change holds at once. */
export function ProfileDialog({ account }: { readonly account: string }) {
  const self = useView(state => selfOf(state, account))
  const [name, setName] = useState(self?.nick ?? '')
  const [busy, setBusy] = useState(false)
  const close = (): void => dispatch({ type: 'close-dialog' })
  if (self === undefined) return null
  const commitName = (): void => {
    const wanted = name.trim()
    if (wanted !== self.nick) void attempt(window.plumb.changeOwnName(account, wanted))
  }
  const choose = async (): Promise<void> => {
    const chosen = await attempt(window.plumb.chooseOwnPicture())
    if (chosen == null) return
    setBusy(true)
    const drawn = await drawOwn(chosen)
    if (drawn !== null) await attempt(window.plumb.publishOwnPicture(account, drawn))
    else dispatch({ type: 'failed', failure: UNREADABLE })
    setBusy(false)
  }
  return (
    <Dialog
      title="Profile"
      description="Everybody who sees when you are online sees this name and picture."
      onClose={close}
    >
      <div className={style['form']}>
        <div className={style['portrait']}>
          <Avatar name={self.nick || account} address={account} picture={self.picture} large />
          <div className={style['tags']}>
            <Button disabled={busy} onClick={() => void choose()}>
              {self.picture === null ? 'Choose a picture…' : 'Another picture…'}
            </Button>
            {self.picture !== null && (
              <Button
                kind="quiet"
                disabled={busy}
                onClick={() => void attempt(window.plumb.publishOwnPicture(account, null))}
              >
                Remove
              </Button>
            )}
          </div>
        </div>
        <TextField
          label="Name"
          dir="auto"
          value={name}
          maxLength={200}
          onValueChange={setName}
          onCommit={commitName}
        />
        <p className={style['address']}>{account}</p>
      </div>
      <DialogButtons>
        <Button kind="primary" onClick={close}>
          Done
        </Button>
      </DialogButtons>
    </Dialog>
  )
}

const UNREADABLE = {
  code: 'not-allowed',
  message: 'This picture cannot be read: choose another one.',
} as const
