import { Braces, FileText } from 'lucide-react'
import { useState } from 'react'
import type { PersonId } from '../../shared/model/person-id.ts'
import { Button } from '../components/button.tsx'
import { ButtonMenu } from '../components/menu.tsx'
import { attempt, dispatch } from '../state/store.ts'
import style from './dialog-parts.module.css'

/** What was said with somebody: to be taken along, or to be deleted. */
export function HistorySection({ person }: { readonly person: PersonId }) {
  const [isWritten, setWritten] = useState(false)
  const write = async (format: 'text' | 'json'): Promise<void> => {
    setWritten(false)
    setWritten((await attempt(window.plumb.exportPerson(person, format))) === true)
  }
  return (
    <section className={style['section']} aria-label="What was said">
      <h3>What was said</h3>
      <div className={style['actions']}>
        <ButtonMenu
          align="start"
          entries={[
            { icon: FileText, label: 'As text, to be read…', act: () => void write('text') },
            { icon: Braces, label: 'As JSON, for programs…', act: () => void write('json') },
          ]}
        >
          <Button>Export what was said…</Button>
        </ButtonMenu>
        <Button
          kind="danger"
          onClick={() => dispatch({ type: 'open-dialog', dialog: { kind: 'delete-conversation', person } })}
        >
          Delete what was said…
        </Button>
      </div>
      <p className={style['soft']} role="status">
        {isWritten && 'It was exported.'}
      </p>
    </section>
  )
}
