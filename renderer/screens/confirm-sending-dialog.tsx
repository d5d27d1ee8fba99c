import type { SendAnswer } from '../../shared/model/shown-transfer.ts'
import { useAnswers } from '../components/answers.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { FileName, FileTile } from '../components/file-name.tsx'
import { settle } from '../state/files.ts'
import { attempt, dispatch } from '../state/store.ts'
import { draw, say } from '../words/say.ts'
import { sizeOf } from '../words/transfer.ts'
import style from './dialog-parts.module.css'

type Question = SendAnswer & { readonly kind: 'confirm' }

/** Some files cannot be sent, or not as they are: which, why, and whether the others are. Nothing was offered yet. */
export function ConfirmSendingDialog({ question }: { readonly question: Question }) {
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
      title={titleOf(question)}
      description={none ? say('sending.not-offered') : say('sending.not-offered-yet')}
      onClose={close}
    >
      <div className={`${style['form']} ${style['scroll']}`}>
        {refused.length > 0 && <Refused refused={refused} />}
        {sendable.length > 0 && <Sendable sendable={sendable} titled={refused.length > 0} />}
      </div>
      <DialogButtons>
        {none ? (
          <Button kind="primary" onClick={close}>
            {say('sending.close')}
          </Button>
        ) : (
          <>
            <Button kind="quiet" onClick={close}>
              {say('sending.cancel')}
            </Button>
            <Button kind="primary" {...send}>
              {sendWord(question)}
            </Button>
          </>
        )}
      </DialogButtons>
    </Dialog>
  )
}

function titleOf({ sendable, refused }: Question): string {
  if (refused.length === 0) {
    if (!sendable.some(({ zipped }) => zipped)) return say('sending.without-links')
    return sendable.length === 1 ? say('sending.as-zip') : say('sending.as-zips')
  }
  return sendable.length === 0 ? say('sending.not-possible') : say('sending.not-all')
}

function sendWord({ sendable, refused }: Question): string {
  const count = sendable.length
  if (refused.length > 0) return say('sending.send-others', { count })
  return count === 1 ? say('sending.send') : say('sending.send-all', { count })
}

function Refused({ refused }: Pick<Question, 'refused'>) {
  return (
    <ul className={style['list']} aria-label={say('sending.refused')}>
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
  )
}

/** What goes, and as what. */
function Sendable({ sendable, titled }: Pick<Question, 'sendable'> & { readonly titled: boolean }) {
  return (
    <section className={style['group']} aria-label={say('sending.sendable')}>
      {titled && <h3>{say('sending.others', { count: sendable.length })}</h3>}
      <ul className={style['list']}>
        {sendable.map((item, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two may have the same name, and none moves
          <li key={index} className={style['entry']}>
            <FileTile name={item.name} isFolder={item.files !== null} />
            <div>
              <FileName name={item.name} isFolder={item.files !== null} />
              <p className={style['soft']}>{sizeOf(item)}</p>
              {item.leftOut > 0 && (
                <p className={style['soft']}>{say('sending.left-out', { count: item.leftOut })}</p>
              )}
              {item.zipped && (
                <p className={style['soft']}>
                  {draw('sending.zipped', { file: inner => <bdi>{inner}</bdi>, name: `${item.name}.zip` })}
                </p>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}
