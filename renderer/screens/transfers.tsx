import { Folder, X } from 'lucide-react'
import { memo, useMemo } from 'react'
import { Virtualizer } from 'virtua'
import type { ShownTransfer } from '../../shared/model/shown-transfer.ts'
import { Button, IconButton } from '../components/button.tsx'
import { FileName } from '../components/file-name.tsx'
import { Receipt } from '../components/receipt.tsx'
import { transferGroups } from '../state/selectors.ts'
import { attempt, dispatch, useView } from '../state/store.ts'
import { say } from '../words/say.ts'
import { groupOf } from '../words/transfer.ts'
import { TransferActions } from './transfer-actions.tsx'
import { Facts, Note, Past, Progress } from './transfer-card.tsx'
import style from './transfers.module.css'

const NONE: ReadonlyMap<string, ShownTransfer> = new Map()
const HEADINGS = {
  now: 'transfers.now',
  waiting: 'transfers.waiting',
  finished: 'transfers.finished',
} as const

type Line =
  | { readonly heading: (typeof HEADINGS)[keyof typeof HEADINGS] }
  | { readonly transfer: ShownTransfer }

/** The right column: every transfer of every contact. */
export function Transfers() {
  const transfers = useView(state => state.known?.transfers ?? NONE)
  const lines = useMemo(() => linesOf(transfers.values()), [transfers])
  const close = (): void => dispatch({ type: 'show-transfers', open: false })
  const canClear = [...transfers.values()].some(transfer => groupOf(transfer) === 'finished')
  return (
    <div className={style['panel']}>
      <header className={style['head']}>
        <h2>{say('transfers.title')}</h2>
        {canClear && (
          <Button
            kind="quiet"
            className={style['clear']}
            onClick={() => void attempt(window.plumb.clearFinished())}
          >
            {say('transfers.clear')}
          </Button>
        )}
        <span className={style['close']}>
          <IconButton icon={X} label={say('transfers.close')} compact onClick={close} />
        </span>
      </header>
      {lines.length === 0 ? (
        <p className={style['empty']}>{say('transfers.none')}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached without a pointer, too
        <section className={style['list']} tabIndex={0} aria-label={say('transfers.list')}>
          <Virtualizer data={lines}>{drawLine}</Virtualizer>
        </section>
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

function drawLine(line: Line) {
  return 'heading' in line ? (
    <h3 key={line.heading} className={style['group']}>
      {say(line.heading)}
    </h3>
  ) : (
    <TransferRow key={line.transfer.id} transfer={line.transfer} />
  )
}

const TransferRow = memo(function TransferRow({ transfer }: { readonly transfer: ShownTransfer }) {
  const { name, files, state } = transfer
  const isFolder = files !== null
  const begun = groupOf(transfer) === 'now'
  return (
    <article className={style['row']} aria-label={name}>
      <div className={style['line']}>
        <div className={style['name']}>
          {isFolder && <Folder size={14} strokeWidth={1.75} aria-hidden />}
          <FileName name={name} isFolder={isFolder} />
        </div>
        <div className={style['facts']}>
          <Facts transfer={transfer} where="list" />
        </div>
        <div className={style['actions']}>
          <TransferActions transfer={transfer} canForget />
        </div>
      </div>
      <Progress transfer={transfer} />
      <Note transfer={transfer} />
      {begun && <Past transfer={transfer} />}
      {state.kind !== 'done' && <Receipt transfer={transfer} />}
    </article>
  )
})
