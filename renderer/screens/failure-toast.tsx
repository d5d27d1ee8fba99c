import { CircleAlert, X } from 'lucide-react'
import { useEffect } from 'react'
import { IconButton } from '../components/button.tsx'
import { dispatch, useView } from '../state/store.ts'
import { say } from '../words/say.ts'
import style from './failure-toast.module.css'

/** The last thing that could not be done, and why. It stays until it is dismissed or another takes its place. */
export function FailureToast() {
  const failure = useView(state => state.failure)
  // In front of the window a dialog says it itself.
  const shown = useView(state => state.dialog === undefined) ? failure : undefined
  useEffect(() => {
    if (shown === undefined) return
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key === 'Escape' && !event.defaultPrevented) dispatch({ type: 'failed', failure: undefined })
    }
    window.addEventListener('keydown', onKeyDown)
    return () => window.removeEventListener('keydown', onKeyDown)
  }, [shown])
  return (
    <div role="alert">
      {shown !== undefined && (
        <div className={style['toast']}>
          <CircleAlert size={18} aria-hidden />
          <p>{shown.message}</p>
          <IconButton
            icon={X}
            label={say('parts.dismiss')}
            compact
            onClick={() => dispatch({ type: 'failed', failure: undefined })}
          />
        </div>
      )}
    </div>
  )
}
