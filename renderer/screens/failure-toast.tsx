import { CircleAlert, X } from 'lucide-react'
import { IconButton } from '../components/button.tsx'
import { dispatch, useView } from '../state/store.ts'
import style from './failure-toast.module.css'

/** The last thing that could not be done, and why. It stays until it is dismissed or another takes its place. */
export function FailureToast() {
  const failure = useView(state => state.failure)
  return (
    <div role="alert">
      {failure !== undefined && (
        <div className={style['toast']}>
          <CircleAlert size={18} aria-hidden />
          <p>{failure.message}</p>
          <IconButton
            icon={X}
            label="Dismiss"
            compact
            onClick={() => dispatch({ type: 'failed', failure: undefined })}
          />
        </div>
      )}
    </div>
  )
}
