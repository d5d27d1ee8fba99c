import { CircleAlert, CircleSlash, History, Unplug } from 'lucide-react'
import { memo } from 'react'
import type { ShownTransfer } from '../../shared/model/shown-transfer.ts'
import { joined } from '../components/button.tsx'
import { FileName, FileTile } from '../components/file-name.tsx'
import { ProgressBar } from '../components/progress-bar.tsx'
import { Receipt } from '../components/receipt.tsx'
import { nameOf } from '../state/selectors.ts'
import { useView } from '../state/store.ts'
import { factsOf, fractionOf, groupOf, historyOf, noteOf } from '../words/transfer.ts'
import { TransferActions } from './transfer-actions.tsx'
import style from './transfer-card.module.css'
import { TransferPicture } from './transfer-picture.tsx'

interface TransferProps {
  readonly transfer: ShownTransfer
}

/** A file or folder in the flow of a conversation. */
export const TransferCard = memo(function TransferCard({ transfer }: TransferProps) {
  const { name, files } = transfer
  const isFolder = files !== null
  return (
    <article className={style['card']} aria-label={name}>
      <div className={style['head']}>
        <FileTile name={name} isFolder={isFolder} />
        <FileName name={name} isFolder={isFolder} />
        <Facts transfer={transfer} where="card" />
        <TransferActions transfer={transfer} />
      </div>
      <TransferPicture transfer={transfer} />
      <Progress transfer={transfer} />
      <Note transfer={transfer} />
      <Past transfer={transfer} />
      <Receipt transfer={transfer} />
    </article>
  )
})

interface FactsProps extends TransferProps {
  readonly where: 'card' | 'list'
}

/** The line under the name. */
export function Facts({ transfer, where }: FactsProps) {
  const { person, state } = transfer
  const shownName = useView(view => nameOf(view, person))
  return (
    // Numbers that count stay in one line: nothing moves with them.
    <p className={joined(style['facts'], state.kind === 'moving' ? style['counting'] : undefined)}>
      {factsOf(transfer, shownName, where)}
    </p>
  )
}

/** How much is there, once it was begun. */
export function Progress({ transfer }: TransferProps) {
  const { name, state } = transfer
  // What rests with nothing of it there, or nobody knows how much, has no bar.
  const rests = state.kind === 'interrupted' || state.kind === 'paused'
  const fraction = fractionOf(transfer)
  if (groupOf(transfer) !== 'now' || (rests && !fraction)) return null
  return (
    <div className={style['bar']}>
      <ProgressBar label={name} fraction={fraction} moves={!rests && state.kind !== 'connecting'} />
    </div>
  )
}

/** Why it does not move. An icon says it too, not the colour alone. */
export function Note({ transfer }: TransferProps) {
  const note = noteOf(transfer)
  if (note === undefined) return null
  const Icon = note.kind === 'bad' ? CircleAlert : transfer.state.kind === 'failed' ? CircleSlash : Unplug
  return (
    <p className={joined(style['note'], note.kind === 'bad' ? style['bad'] : undefined)}>
      <Icon size={14} aria-hidden />
      {note.text}
    </p>
  )
}

/** What happened on the way. */
export function Past({ transfer }: TransferProps) {
  return historyOf(transfer).map(text => (
    <p key={text} className={style['note']}>
      <History size={14} aria-hidden />
      {text}
    </p>
  ))
}
