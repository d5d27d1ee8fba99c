import { Dialog as Base } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import { type ReactNode, type RefObject, useRef } from 'react'
import { currentState, dispatch, useView } from '../state/store.ts'
import { say } from '../words/say.ts'
import { IconButton, joined } from './button.tsx'
import style from './dialog.module.css'

interface DialogProps {
  readonly title: string
  readonly description?: string
  readonly wide?: boolean
  readonly onClose: () => void
  /** What has the focus first; otherwise the dialog itself, which reads out its title. */
  readonly initialFocus?: RefObject<HTMLElement | null>
  /** It was open already when all of the window was drawn anew: what had the focus before it is gone. */
  readonly redrawn?: boolean
  readonly children?: ReactNode
}

function focusElsewhere(): void {
  dispatch({ type: 'focus', on: currentState().viewing === undefined ? 'search' : 'composer' })
}

/** A modal dialog that is open while it is rendered. Escape and its cross close it. */
export function Dialog({
  title,
  description,
  wide = false,
  redrawn = false,
  onClose,
  initialFocus,
  children,
}: DialogProps) {
  const popup = useRef<HTMLDivElement>(null)
  return (
    <Base.Root open onOpenChange={open => open || onClose()}>
      <Base.Portal>
        <Base.Backdrop className={style['backdrop']} />
        <Base.Popup
          ref={popup}
          tabIndex={-1}
          className={joined(style['popup'], wide ? style['wide'] : undefined)}
          initialFocus={initialFocus ?? popup}
          finalFocus={() => (redrawn ? focusElsewhere() : true)}
        >
          <div className={style['head']}>
            <Base.Title className={style['title']}>{title}</Base.Title>
            <Base.Close render={<IconButton icon={X} label={say('parts.close')} compact />} />
            <DialogFailure />
          </div>
          {description !== undefined && (
            <Base.Description className={style['description']}>{description}</Base.Description>
          )}
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  )
}

/** What could not be done from this dialog: behind it nobody would see it. */
function DialogFailure() {
  const failure = useView(state => state.failure)
  return (
    <div className={style['alert']} role="alert">
      {failure !== undefined && <p className={style['failure']}>{failure.message}</p>}
    </div>
  )
}

/** The row at a dialog's foot: the way out first, the way on last. */
export function DialogButtons({ children }: { readonly children: ReactNode }) {
  return <div className={style['buttons']}>{children}</div>
}
