import { type FormEvent, useRef, useState } from 'react'
import { MAX_STATUS_LENGTH } from '../../shared/model/limits.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { TextField } from '../components/text-field.tsx'
import { selfOf } from '../state/selectors.ts'
import { dispatch, useView } from '../state/store.ts'
import { say } from '../words/say.ts'
import style from './dialog-parts.module.css'

/** What others are told of us, in our own words. */
export function StatusDialog({ account }: { readonly account: string }) {
  const status = useView(state => selfOf(state, account)?.status)
  const [text, setText] = useState(status?.text ?? '')
  const field = useRef<HTMLInputElement>(null)
  const close = (): void => dispatch({ type: 'close-dialog' })
  const change = async (to: string): Promise<void> => {
    const answer = await window.plumb.changeStatus(account, {
      show: status?.show ?? 'online',
      text: to.trim(),
    })
    if (answer.ok) close()
    else dispatch({ type: 'failed', failure: answer.failure })
  }
  if (status === undefined) return null
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    void change(text)
  }
  return (
    <Dialog
      title={say('own-status.title')}
      description={say('own-status.who-sees-it')}
      onClose={close}
      initialFocus={field}
    >
      <form className={style['form']} onSubmit={submit}>
        <TextField
          ref={field}
          label={say('own-status.message')}
          dir="auto"
          value={text}
          maxLength={MAX_STATUS_LENGTH}
          onValueChange={setText}
        />
        <DialogButtons>
          {status.text !== '' && (
            <Button kind="quiet" onClick={() => void change('')}>
              {say('own-status.remove')}
            </Button>
          )}
          <Button kind="primary" type="submit">
            {say('own-status.save')}
          </Button>
        </DialogButtons>
      </form>
    </Dialog>
  )
}
