import style from './progress-bar.module.css'

interface ProgressBarProps {
  /** What is under way, for a screen reader. */
  readonly label: string
  /** 0 to 1; null while nobody knows. */
  readonly fraction: number | null
}

export function ProgressBar({ label, fraction }: ProgressBarProps) {
  return (
    <div
      className={style['bar']}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={fraction === null ? undefined : Math.round(fraction * 100)}
    >
      <span className={style['fill']} style={{ transform: `scaleX(${fraction ?? 0})` }} />
    </div>
  )
}
