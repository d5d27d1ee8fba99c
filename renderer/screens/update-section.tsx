import type { Settings } from '../../shared/model/settings.ts'
import type { UpdateState } from '../../shared/model/update.ts'
import { useAnswers } from '../components/answers.ts'
import { Button } from '../components/button.tsx'
import { ProgressBar } from '../components/progress-bar.tsx'
import { SwitchField } from '../components/switch-field.tsx'
import { attempt } from '../state/store.ts'
import { say } from '../words/say.ts'
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
    <section className={style['section']} aria-label={say('update.title')}>
      <h3>{say('update.title')}</h3>
      <div className={style['line']}>
        <p role="status" className={style[update.kind === 'failed' ? 'bad' : 'soft']}>
          {updateLine(update)}
        </p>
        {!isManaged && <UpdateButton update={update} />}
      </div>
      {update.kind === 'downloading' && (
        <ProgressBar label={say('update.download')} fraction={update.fraction} moves />
      )}
      {!isManaged && (
        <>
          <SwitchField
            label={say('update.automatic')}
            hint={say('update.automatic-hint')}
            checked={settings.automaticUpdates}
            onChange={automaticUpdates => change({ automaticUpdates })}
          />
          <SwitchField
            label={say('update.beta')}
            hint={say('update.beta-hint')}
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
  if (isReady)
    return <Button {...answer(() => attempt(window.plumb.restartToUpdate()))}>{say('update.restart')}</Button>
  const busy = update.kind === 'checking' || update.kind === 'downloading'
  const look = (): void => {
    if (!busy) void attempt(window.plumb.checkForUpdate())
  }
  return (
    // Not `disabled`: the focus stays.
    <Button aria-disabled={busy} data-disabled={busy ? '' : undefined} onClick={look}>
      {say('update.look')}
    </Button>
  )
}
