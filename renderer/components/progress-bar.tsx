import { Progress } from '@base-ui/react/progress'
import style from './progress-bar.module.css'

interface ProgressBarProps {
  /** What is under way, for a screen reader. */
  readonly label: string
  /** 0 to 1; null while nobody knows. */
  readonly fraction: number | null
}

export function ProgressBar({ label, fraction }: ProgressBarProps) {
  return (
    <Progress.Root value={fraction === null ? null : Math.round(fraction * 100)} aria-label={label}>
      <div className={style['bar']}>
        <span className={style['fill']} style={{ transform: `scaleX(${fraction ?? 0})` }} />
      </div>
    </Progress.Root>
  )
}
