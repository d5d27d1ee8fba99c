import { ExternalLink, FolderOpen, RotateCw, X } from 'lucide-react'
import type { ShownTransfer } from '../../shared/model/shown-transfer.ts'
import { IconButton } from '../components/button.tsx'
import { attempt } from '../state/store.ts'
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
      {over && canRetry && (
        <IconButton
          icon={RotateCw}
          label={`Send ${name} again`}
          compact
          onClick={() => void attempt(window.plumb.retryTransfer(id))}
        />
      )}
      {arrived && (
        <IconButton
          icon={ExternalLink}
          label={`Open ${name}`}
          compact
          onClick={() => void attempt(window.plumb.openTransfer(id))}
        />
      )}
      {arrived && (
        <IconButton
          icon={FolderOpen}
          label={`Show ${name} in its folder`}
          compact
          onClick={() => void attempt(window.plumb.showTransfer(id))}
        />
      )}
      {!over && (
        <IconButton
          icon={X}
          label={`${direction === 'in' && state.kind === 'offered' ? 'Decline' : 'Cancel'} ${name}`}
          compact
          onClick={() => void attempt(window.plumb.cancelTransfer(id))}
        />
      )}
      {over && canForget && (
        <IconButton
          icon={X}
          label={`Take ${name} off the list`}
          compact
          onClick={() => void attempt(window.plumb.forgetTransfer(id))}
        />
      )}
    </div>
  )
}
