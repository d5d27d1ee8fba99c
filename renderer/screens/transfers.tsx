import { X } from 'lucide-react'
import { memo, useMemo } from 'react'
import { Virtuoso } from 'react-virtuoso'
import type { ShownTransfer } from '../../shared/model/shown-transfer.ts'
import { Button, IconButton } from '../components/button.tsx'
import { FileName } from '../components/file-name.tsx'
import { ProgressBar } from '../components/progress-bar.tsx'
import { Receipt } from '../components/receipt.tsx'
import { transferGroups } from '../state/selectors.ts'
import { attempt, dispatch, useView } from '../state/store.ts'
import { factsOf, fractionOf, groupOf } from '../words/transfer.ts'
import { TransferActions } from './transfer-actions.tsx'
import { FailureLine } from './transfer-card.tsx'
import style from './transfers.module.css'

const NONE: ReadonlyMap<string, ShownTransfer> = new Map()
const HEADINGS = { now: 'Now', waiting: 'Waiting', finished: 'Finished' } as const

type Line = { readonly heading: string } | { readonly transfer: ShownTransfer }

/** The right column: every transfer of every contact. */
export function Transfers() {
  const transfers = useView(state => state.known?.transfers ?? NONE)
  const lines = useMemo(() => linesOf(transfers.values()), [transfers])
  const close = (): void => dispatch({ type: 'show-transfers', open: false })
  const canClear = [...transfers.values()].some(transfer => groupOf(transfer) === 'finished')
  return (
    <div className={style['panel']}>
      <header className={style['head']}>
        <h2>Transfers</h2>
        {canClear && (
          <Button
            kind="quiet"
            className={style['clear']}
            onClick={() => void attempt(window.plumb.clearFinished())}
          >
            Clear finished
          </Button>
        )}
        <span className={style['close']}>
          <IconButton icon={X} label="Close transfers" compact onClick={close} />
        </span>
      </header>
      {lines.length === 0 ? (
        <p className={style['empty']}>No transfers yet. Drop a file on somebody to send it.</p>
      ) : (
        <Virtuoso
          className={style['list']}
          data={lines}
          computeItemKey={(_, line) => ('heading' in line ? line.heading : line.transfer.id)}
          itemContent={(_, line) =>
            'heading' in line ? (
              <h3 className={style['group']}>{line.heading}</h3>
            ) : (
              <TransferRow transfer={line.transfer} />
            )
          }
          tabIndex={0}
          role="region"
          aria-label="List of transfers"
        />
      )}
    </div>
  )
}

function linesOf(transfers: Iterable<ShownTransfer>): readonly Line[] {
  const groups = transferGroups(transfers)
  return (['now', 'waiting', 'finished'] as const).flatMap(group => {
    const ofGroup = groups[group]
    if (ofGroup.length === 0) return []
    return [{ heading: HEADINGS[group] }, ...ofGroup.map(transfer => ({ transfer }))]
  })
}

const TransferRow = memo(function TransferRow({ transfer }: { readonly transfer: ShownTransfer }) {
  const { id, name, person, receipt } = transfer
  const shownName = useView(state => state.known?.people.get(person)?.name ?? person)
  const running = groupOf(transfer) === 'now'
  return (
    <article className={style['row']} aria-label={name}>
      <div className={style['line']}>
        <div>
          <FileName name={name} />
          <p className={style['facts']}>{factsOf(transfer, shownName)}</p>
        </div>
        <TransferActions transfer={transfer} canForget />
      </div>
      {running && (
        <div className={style['bar']}>
          <ProgressBar label={name} fraction={fractionOf(transfer)} />
        </div>
      )}
      <FailureLine transfer={transfer} />
      {receipt !== null && running && <Receipt receipt={receipt} transfer={id} />}
    </article>
  )
})
