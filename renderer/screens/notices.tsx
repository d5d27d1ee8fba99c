import { X } from 'lucide-react'
import { IconButton } from '../components/button.tsx'
import { attempt, useView } from '../state/store.ts'
import { say } from '../words/say.ts'
import style from './notices.module.css'

const NONE = [] as const

/** What has to be said once, until it is dismissed. */
export function Notices() {
  const notices = useView(state => state.known?.notices ?? NONE)
  return notices.map(({ id, text }) => (
    <div key={id} className={style['notice']} role="status">
      <p>{text}</p>
      <IconButton
        icon={X}
        label={say('parts.dismiss')}
        compact
        onClick={() => void attempt(window.plumb.dismissNotice(id))}
      />
    </div>
  ))
}
