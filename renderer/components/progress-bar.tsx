import { joined } from './button.tsx'
import style from './progress-bar.module.css'

interface ProgressBarProps {
  /** What is under way, for a screen reader. */
  readonly label: string
  /** 0 to 1; null while nobody knows. */
  readonly fraction: number | null
  /** Whether it moves right now. */
  readonly moves: boolean
}

export function ProgressBar({ label, fraction, moves }: ProgressBarProps) {
  // It moves towards an end that nobody knows.
  const isEndless = fraction === null && moves
  return (
    <div
      className={joined(
        style['bar'],
        moves ? undefined : style['resting'],
        isEndless ? style['endless'] : undefined,
      )}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={fraction === null ? undefined : Math.round(fraction * 100)}
    >
      <span className={style['fill']} style={{ transform: `scaleX(${isEndless ? 1 : (fraction ?? 0)})` }} />
    </div>
  )
}
