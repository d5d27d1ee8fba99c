import { ShieldAlert, ShieldCheck } from 'lucide-react'
import type { PathReceipt } from '../../shared/model/shown-transfer.ts'
import { dispatch } from '../state/store.ts'
import { receiptChips } from '../words/transfer.ts'
import { joined } from './button.tsx'
import style from './chip.module.css'

interface ReceiptProps {
  readonly receipt: PathReceipt
  readonly transfer: string
}

/** How the bytes go. Where there is a code to compare, the chip that says “verified” leads to it. */
export function Receipt({ receipt, transfer }: ReceiptProps) {
  const [path, safety] = receiptChips(receipt)
  const showCode = (): void => dispatch({ type: 'open-dialog', dialog: { kind: 'code', transfer } })
  return (
    <div className={style['chips']}>
      {path !== undefined && <span className={joined(style['chip'], style[path.kind])}>{path.text}</span>}
      {safety !== undefined &&
        (receipt.code === null ? (
          <span className={joined(style['chip'], style[safety.kind])}>
            <ShieldAlert size={12} aria-hidden />
            {safety.text}
          </span>
        ) : (
          <button
            type="button"
            className={joined(style['chip'], style[safety.kind])}
            title="Compare the verification code"
            onClick={showCode}
          >
            <ShieldCheck size={12} aria-hidden />
            {safety.text}
          </button>
        ))}
    </div>
  )
}
