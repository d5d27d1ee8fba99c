import { useRef, useState } from 'react'
import { Avatar } from '../components/avatar.tsx'
import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import hidden from '../components/hidden.module.css'
import { TextField } from '../components/text-field.tsx'
import { drawOwn } from '../state/draw-picture.ts'
import { ownName, selfOf } from '../state/selectors.ts'
import { attempt, dispatch, useView } from '../state/store.ts'
import { say } from '../words/say.ts'
import style from './dialog-parts.module.css'

/** Who we are to all who see us: name and picture. Each change holds at once. */
export function ProfileDialog({ account }: { readonly account: string }) {
  const self = useView(state => selfOf(state, account))
  const close = (): void => dispatch({ type: 'close-dialog' })
  if (self === undefined) return null
  return (
    <Dialog title={say('profile.title')} description={say('profile.who-sees-it')} onClose={close}>
      <div className={style['form']}>
        <Portrait account={account} nick={self.nick} picture={self.picture} />
        <NameField account={account} nick={self.nick} />
        <p className={style['address']}>
          <bdi dir="ltr">{account}</bdi>
        </p>
      </div>
      <DialogButtons>
        <Button kind="primary" onClick={close}>
          {say('profile.done')}
        </Button>
      </DialogButtons>
    </Dialog>
  )
}

interface PortraitProps {
  readonly account: string
  readonly nick: string
  /** Its hash. */
  readonly picture: string | null
}

function Portrait({ account, nick, picture }: PortraitProps) {
  const [busy, setBusy] = useState(false)
  const [done, setDone] = useState('')
  /** One change at a time. Not `disabled` meanwhile: the focus stays. */
  const changes = (act: () => Promise<string>) => ({
    'aria-disabled': busy,
    'data-disabled': busy ? '' : undefined,
    onClick: async (): Promise<void> => {
      if (busy) return
      setBusy(true)
      setDone('')
      setDone(await act())
      setBusy(false)
    },
  })
  const publish = async (bytes: Uint8Array | null): Promise<boolean> => {
    dispatch({ type: 'failed', failure: undefined })
    const answer = await window.plumb.publishOwnPicture(account, bytes)
    if (!answer.ok) dispatch({ type: 'failed', failure: answer.failure })
    return answer.ok
  }
  const choose = changes(async () => {
    const chosen = await attempt(window.plumb.chooseOwnPicture())
    if (chosen == null) return ''
    const drawn = await drawOwn(chosen)
    if (drawn !== null) return (await publish(drawn)) ? say('profile.chosen') : ''
    dispatch({ type: 'failed', failure: { code: 'not-allowed', message: say('profile.unreadable') } })
    return ''
  })
  const remove = changes(async () => ((await publish(null)) ? say('profile.removed') : ''))
  return (
    // It takes the focus over from the button that removes the picture.
    <div className={style['portrait']} tabIndex={-1}>
      <Avatar name={ownName(account, nick)} address={account} picture={picture} large />
      <div className={style['tags']}>
        <Button {...choose}>{picture === null ? say('profile.choose') : say('profile.another')}</Button>
        {picture !== null && (
          <Button kind="quiet" {...remove}>
            {say('profile.remove')}
          </Button>
        )}
      </div>
      <p className={hidden['hidden']} role="status">
        {done}
      </p>
    </div>
  )
}

/** Holds as soon as it is left. */
function NameField({ account, nick }: { readonly account: string; readonly nick: string }) {
  const [name, setName] = useState(nick)
  /** What was sent last, or what there was: another device may have changed it meanwhile, and is not contradicted. */
  const sent = useRef<string | undefined>(nick)
  const commit = async (): Promise<void> => {
    const wanted = name.trim()
    if (wanted === sent.current) return
    sent.current = wanted
    const answer = await window.plumb.changeOwnName(account, wanted)
    if (answer.ok) return
    sent.current = undefined
    dispatch({ type: 'failed', failure: answer.failure })
  }
  return (
    <TextField
      label={say('profile.name')}
      dir="auto"
      value={name}
      maxLength={200}
      autoComplete="off"
      onValueChange={setName}
      onCommit={() => void commit()}
    />
  )
}
