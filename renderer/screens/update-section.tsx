import type { Settings } from '../../shared/model/settings.ts'
import type { UpdateState } from '../../shared/model/update.ts'
import { useAnswers } from '../components/answers.ts'
import { Button } from '../components/button.tsx'
import { ProgressBar } from '../components/progress-bar.tsx'
import { SwitchField } from '../components/switch-field.tsx'
import { attempt } from '../state/store.ts'
import { updateLine } from '../words/update.ts'
import style from './dialog-parts.module.css'

interface UpdateSectionProps {
  readonly update: UpdateState
  readonly settings: Settings
  readonly change: (patch: Partial<Settings>) => void
}

/** How Plumb stays current, and what is in the way of it. */
export function UpdateSection({ update, settings, change }: UpdateSectionProps) {
  const isManaged = update.kind === 'managed'
  return (
    <section className={style['section']} aria-label="Updates">
      <h3>Updates</h3>
      <div className={style['line']}>
        <p role="status" className={style[update.kind === 'failed' ? 'bad' : 'soft']}>
          {updateLine(update)}
        </p>
        {!isManaged && <UpdateButton update={update} />}
      </div>
      {update.kind === 'downloading' && (
        <ProgressBar label="Download of the new version" fraction={update.fraction} moves />
      )}
      {!isManaged && (
        <>
          <SwitchField
            label="Keep Plumb up to date"
            hint="Downloads new versions in the background and installs them when you quit, never during a transfer."
            checked={settings.automaticUpdates}
            onChange={automaticUpdates => change({ automaticUpdates })}
          />
          <SwitchField
            label="Try new versions early"
            hint="Beta versions have more mistakes. If you turn this off, the next final one follows."
            checked={settings.betaUpdates}
            onChange={betaUpdates => change({ betaUpdates })}
          />
        </>
      )}
    </section>
  )
}

function UpdateButton({ update }: { readonly update: UpdateState }) {
  const isReady = update.kind === 'ready'
  const answer = useAnswers(isReady ? 'restart' : 'look')
  // One button for both, which keeps the focus. A click that was meant to look must not end Plumb.
  if (isReady) return <Button {...answer(() => attempt(window.plumb.restartToUpdate()))}>Restart now</Button>
  const busy = update.kind === 'checking' || update.kind === 'downloading'
  const look = (): void => {
    if (!busy) void attempt(window.plumb.checkForUpdate())
  }
  return (
    // Not `disabled`: the focus stays.
    <Button aria-disabled={busy} data-disabled={busy ? '' : undefined} onClick={look}>
      Look now
    </Button>
  )
}
