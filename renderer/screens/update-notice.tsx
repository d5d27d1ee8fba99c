import { X } from 'lucide-react'
import { useState } from 'react'
import { useAnswers } from '../components/answers.ts'
import { Button, IconButton } from '../components/button.tsx'
import { attempt, useView } from '../state/store.ts'
import { say } from '../words/say.ts'
import { readyLine } from '../words/update.ts'
import style from './notices.module.css'

/** Says that a new version is ready, until that is dismissed. The settings go on saying so. */
export function UpdateNotice() {
  const update = useView(state => state.known?.update)
  const [dismissed, setDismissed] = useState<string>()
  if (update?.kind !== 'ready' || update.version === dismissed) return null
  const { version } = update
  return <Ready key={version} version={version} dismiss={() => setDismissed(version)} />
}

interface ReadyProps {
  readonly version: string
  readonly dismiss: () => void
}

function Ready({ version, dismiss }: ReadyProps) {
  // It moves what is below it: a click that was meant for that must not end Plumb.
  const answer = useAnswers()
  return (
    <div className={`${style['notice']} ${style['calm']}`} role="status">
      <p>{readyLine(version)}</p>
      <Button className={style['action']} {...answer(() => attempt(window.plumb.restartToUpdate()))}>
        {say('update.restart')}
      </Button>
      <IconButton icon={X} label={say('update.dismiss')} compact onClick={dismiss} />
    </div>
  )
}
