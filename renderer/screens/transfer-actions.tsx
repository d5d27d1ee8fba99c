import { ExternalLink, FolderOpen, type LucideIcon, Pause, Play, RotateCw, X } from 'lucide-react'
import type { ShownTransfer } from '../../shared/model/shown-transfer.ts'
import { IconButton } from '../components/button.tsx'
import { isSeenOffline } from '../state/selectors.ts'
import { attempt, useView } from '../state/store.ts'
import { say } from '../words/say.ts'
import { groupOf } from '../words/transfer.ts'
import style from './transfer-actions.module.css'

interface TransferActionsProps {
  readonly transfer: ShownTransfer
  /** In the list of transfers one that is over can be taken off it. */
  readonly canForget?: boolean
}

/** What can be done with a transfer in its state. */
export function TransferActions({ transfer, canForget = false }: TransferActionsProps) {
  const { id, name, direction, hasFile, canRetry, state } = transfer
  const over = groupOf(transfer) === 'finished'
  const arrived = state.kind === 'done' && hasFile
  return (
    <div className={style['actions']}>
      <PaceButton transfer={transfer} />
      {over && canRetry && (
        <IconButton
          icon={RotateCw}
          label={
            direction === 'out'
              ? say('transfer-action.send-again', { name })
              : say('transfer-action.try-again', { name })
          }
          compact
          onClick={() => void attempt(window.plumb.retryTransfer(id))}
        />
      )}
      {arrived && (
        <IconButton
          icon={ExternalLink}
          label={say('transfer-action.open', { name })}
          compact
          onClick={() => void attempt(window.plumb.openTransfer(id))}
        />
      )}
      {arrived && (
        <IconButton
          icon={FolderOpen}
          label={say('transfer-action.show', { name })}
          compact
          onClick={() => void attempt(window.plumb.showTransfer(id))}
        />
      )}
      {!over && (
        <IconButton
          icon={X}
          label={
            direction === 'in' && state.kind === 'offered'
              ? say('transfer-action.decline', { name })
              : say('transfer-action.cancel', { name })
          }
          compact
          onClick={() => void attempt(window.plumb.cancelTransfer(id))}
        />
      )}
      {over && canForget && (
        <IconButton
          icon={X}
          label={say('transfer-action.forget', { name })}
          compact
          onClick={() => void attempt(window.plumb.forgetTransfer(id))}
        />
      )}
    </div>
  )
}

interface Pace {
  readonly icon: LucideIcon
  readonly label: string
  readonly call: 'pauseTransfer' | 'resumeTransfer'
}

/** Stops it for a while, and lets it go on: one button, so that the keyboard stays on it. */
function PaceButton({ transfer }: { readonly transfer: ShownTransfer }) {
  const { id, person } = transfer
  const isOffline = useView(({ known }) => isSeenOffline(known?.people.get(person)))
  const pace = paceOf(transfer, isOffline)
  if (pace === undefined) return null
  const { icon, label, call } = pace
  return <IconButton icon={icon} label={label} compact onClick={() => void attempt(window.plumb[call](id))} />
}

function paceOf({ name, state, canPause }: ShownTransfer, isOffline: boolean): Pace | undefined {
  switch (state.kind) {
    case 'interrupted':
      return { icon: Play, label: say('transfer-action.resume-now', { name }), call: 'resumeTransfer' }
    case 'paused':
      // What they paused, they resume.
      return state.by === 'us'
        ? { icon: Play, label: say('transfer-action.resume', { name }), call: 'resumeTransfer' }
        : undefined
    case 'waiting':
      // Who is seen to be offline gets nothing, but there are people whose presence nobody tells.
      return isOffline
        ? undefined
        : { icon: Play, label: say('transfer-action.send-now', { name }), call: 'resumeTransfer' }
    default:
      return canPause
        ? { icon: Pause, label: say('transfer-action.pause', { name }), call: 'pauseTransfer' }
        : undefined
  }
}
