import type { SendAnswer } from '../../shared/model/shown-transfer.ts'
import { useAnswers } from '../components/answers.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { FileName } from '../components/file-name.tsx'
import { settle } from '../state/files.ts'
import { attempt, dispatch } from '../state/store.ts'
import style from './dialog-parts.module.css'

/** Some files cannot be sent: which, why, and whether the others are. Nothing was offered yet. */
export function ConfirmSendingDialog({
  question,
}: {
  readonly question: SendAnswer & { readonly kind: 'confirm' }
}) {
  const { ticket, sendable, refused } = question
  const none = sendable.length === 0
  const close = (): void => {
    dispatch({ type: 'close-dialog' })
    void attempt(window.plumb.dropSending(ticket))
  }
  const answer = useAnswers()
  const send = answer(() => {
    dispatch({ type: 'close-dialog' })
    return settle(window.plumb.confirmSending(ticket))
  })
  return (
    <Dialog
      title={none ? 'This can’t be sent' : 'Not everything can be sent'}
      description={none ? 'Nothing was offered.' : 'Nothing was offered yet.'}
      onClose={close}
    >
      <ul className={`${style['list']} ${style['scroll']}`}>
        {refused.map(({ name, failure }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two may have the same name, and none moves
          <li key={index} className={style['entry']}>
            <div>
              <FileName name={name} />
              <p className={style['bad']}>{failure.message}</p>
            </div>
          </li>
        ))}
      </ul>
      <DialogButtons>
        {none ? (
          <Button kind="primary" onClick={close}>
            Close
          </Button>
        ) : (
          <>
            <Button kind="quiet" onClick={close}>
              Cancel
            </Button>
            <Button kind="primary" {...send}>
              {sendable.length === 1 ? 'Send the other one' : `Send the other ${sendable.length}`}
            </Button>
          </>
        )}
      </DialogButtons>
    </Dialog>
  )
}
