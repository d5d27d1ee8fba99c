import { Braces, FileText } from 'lucide-react'
import { useState } from 'react'
import type { PersonId } from '../../shared/model/person-id.ts'
import { Button } from '../components/button.tsx'
import { ButtonMenu } from '../components/menu.tsx'
import { attempt, dispatch } from '../state/store.ts'
import { say } from '../words/say.ts'
import style from './dialog-parts.module.css'

/** What was said with somebody: to be taken along, or to be deleted. */
export function HistorySection({ person }: { readonly person: PersonId }) {
  const [isWritten, setWritten] = useState(false)
  const write = async (format: 'text' | 'json'): Promise<void> => {
    setWritten(false)
    setWritten((await attempt(window.plumb.exportPerson(person, format))) === true)
  }
  return (
    <section className={style['section']} aria-label={say('said.title')}>
      <h3>{say('said.title')}</h3>
      <div className={style['actions']}>
        <ButtonMenu
          align="start"
          entries={[
            { icon: FileText, label: say('said.as-text'), act: () => void write('text') },
            { icon: Braces, label: say('said.as-json'), act: () => void write('json') },
          ]}
        >
          <Button>{say('said.export')}</Button>
        </ButtonMenu>
        <Button
          kind="danger"
          onClick={() => dispatch({ type: 'open-dialog', dialog: { kind: 'delete-conversation', person } })}
        >
          {say('said.delete')}
        </Button>
      </div>
      <p className={style['soft']} role="status">
        {isWritten && say('said.exported')}
      </p>
    </section>
  )
}
