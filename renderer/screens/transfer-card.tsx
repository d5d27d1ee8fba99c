import { CircleAlert, CircleSlash } from 'lucide-react'
import { memo } from 'react'
import type { ShownTransfer } from '../../shared/model/shown-transfer.ts'
import { joined } from '../components/button.tsx'
import { FileName, FileTile } from '../components/file-name.tsx'
import { ProgressBar } from '../components/progress-bar.tsx'
import { Receipt } from '../components/receipt.tsx'
import { factsOf, failureOf, fractionOf, groupOf, wasWanted } from '../words/transfer.ts'
import { TransferActions } from './transfer-actions.tsx'
import style from './transfer-card.module.css'

/** A file in the flow of a conversation. */
export const TransferCard = memo(function TransferCard({ transfer }: { readonly transfer: ShownTransfer }) {
  const { id, name, receipt } = transfer
  return (
    <article className={style['card']} aria-label={name}>
      <div className={style['head']}>
        <FileTile name={name} />
        <div>
          <FileName name={name} />
          <p className={style['facts']}>{factsOf(transfer)}</p>
        </div>
        <TransferActions transfer={transfer} />
      </div>
      {groupOf(transfer) === 'now' && (
        <div className={style['bar']}>
          <ProgressBar label={name} fraction={fractionOf(transfer)} />
        </div>
      )}
      <FailureLine transfer={transfer} />
      {receipt !== null && <Receipt receipt={receipt} transfer={id} />}
    </article>
  )
})

/** Why it stopped. An icon says it too, not the colour alone. */
export function FailureLine({ transfer }: { readonly transfer: ShownTransfer }) {
  const failure = failureOf(transfer)
  if (failure === undefined) return null
  const wanted = wasWanted(transfer)
  const Icon = wanted ? CircleSlash : CircleAlert
  return (
    <p className={joined(style['failure'], wanted ? style['wanted'] : undefined)}>
      <Icon size={14} aria-hidden />
      {failure}
    </p>
  )
}
