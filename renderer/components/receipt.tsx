import { ChevronRight, ShieldAlert, ShieldCheck } from 'lucide-react'
import type { PathReceipt, RouteAttempt, ShownTransfer } from '../../shared/model/shown-transfer.ts'
import { dispatch } from '../state/store.ts'
import { draw, say } from '../words/say.ts'
import { attemptsTitle, hasRoute, methodName, receiptChips } from '../words/transfer.ts'
import { joined } from './button.tsx'
import style from './receipt.module.css'

/** How the bytes go, and what was tried before. */
export function Receipt({ transfer }: { readonly transfer: ShownTransfer }) {
  const { id, receipt, attempts } = transfer
  return (
    <>
      {receipt !== null && hasRoute(transfer) && <Chips receipt={receipt} transfer={id} />}
      {attempts.length > 0 && <Attempts title={attemptsTitle(transfer)} attempts={attempts} />}
    </>
  )
}

interface ChipsProps {
  readonly receipt: PathReceipt
  readonly transfer: string
}

/** Where there is a code to compare, the chip that says “verified” leads to it. */
function Chips({ receipt, transfer }: ChipsProps) {
  const [path, safety] = receiptChips(receipt)
  const showCode = (): void => dispatch({ type: 'open-dialog', dialog: { kind: 'code', transfer } })
  return (
    <div className={style['chips']}>
      <span className={joined(style['chip'], style[path.kind])}>{path.text}</span>
      {receipt.code === null ? (
        <span className={joined(style['chip'], style[safety.kind])}>
          <ShieldAlert size={12} aria-hidden />
          {safety.text}
        </span>
      ) : (
        <button
          type="button"
          className={joined(style['chip'], style[safety.kind])}
          title={say('receipt.compare')}
          onClick={showCode}
        >
          <ShieldCheck size={12} aria-hidden />
          {safety.text}
        </button>
      )}
    </div>
  )
}

interface AttemptsProps {
  readonly title: string
  readonly attempts: readonly RouteAttempt[]
}

/** Each attempt that came to nothing: why, and what would mend it. */
function Attempts({ title, attempts }: AttemptsProps) {
  return (
    <details className={style['attempts']}>
      <summary className={style['title']}>
        <ChevronRight size={14} strokeWidth={1.75} aria-hidden />
        {title}
      </summary>
      <ol className={style['list']}>
        {attempts.map(({ method, message }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they have no name of their own
          <li key={index}>
            {draw('receipt.attempt', {
              b: inner => <b>{inner}</b>,
              method: methodName(method),
              problem: message,
            })}
          </li>
        ))}
      </ol>
      <button
        type="button"
        className={style['check']}
        onClick={() => dispatch({ type: 'open-dialog', dialog: { kind: 'settings', checkReach: true } })}
      >
        {say('receipt.reach')}
      </button>
    </details>
  )
}
