import { useEffect, useRef, useState } from 'react'
import type { PersonId } from '../../shared/model/person-id.ts'
import { useAnswers } from '../components/answers.ts'
import { Button } from '../components/button.tsx'
import { Dialog, DialogButtons } from '../components/dialog.tsx'
import { sendPicture } from '../state/files.ts'
import { nameOf } from '../state/selectors.ts'
import { dispatch, useView } from '../state/store.ts'
import { say } from '../words/say.ts'
import { sizeOf } from '../words/transfer.ts'
import style from './dialog-parts.module.css'
import own from './send-picture-dialog.module.css'

interface SendPictureDialogProps {
  readonly person: PersonId
  readonly picture: File
}

/** What was pasted is easily not what was meant: it is shown before it goes. */
export function SendPictureDialog({ person, picture }: SendPictureDialogProps) {
  const name = useView(state => nameOf(state, person))
  const send = useRef<HTMLButtonElement>(null)
  const answer = useAnswers()
  const close = (): void => dispatch({ type: 'close-dialog' })
  return (
    <Dialog title={say('pasted.question', { name })} initialFocus={send} onClose={close}>
      <Preview picture={picture} />
      <DialogButtons>
        <Button kind="quiet" onClick={close}>
          {say('pasted.cancel')}
        </Button>
        <Button ref={send} kind="primary" {...answer(() => sendPicture(person, picture))}>
          {say('pasted.send')}
        </Button>
      </DialogButtons>
    </Dialog>
  )
}

function Preview({ picture }: Pick<SendPictureDialogProps, 'picture'>) {
  const image = useRef<HTMLImageElement>(null)
  const [isBroken, setBroken] = useState(false)
  useEffect(() => {
    const url = URL.createObjectURL(picture)
    if (image.current !== null) image.current.src = url
    return () => URL.revokeObjectURL(url)
  }, [picture])
  return (
    <figure className={own['figure']}>
      <div className={own['preview']}>
        {isBroken ? (
          say('pasted.not-shown')
        ) : (
          <img ref={image} alt={say('pasted.picture')} onError={() => setBroken(true)} />
        )}
      </div>
      <figcaption className={style['soft']}>{sizeOf({ size: picture.size, files: null })}</figcaption>
    </figure>
  )
}
