import { ChevronDown, ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { MAX_HOST_LENGTH } from '../../shared/model/limits.ts'
import type { ServerPlace } from '../../shared/model/window-state.ts'
import { TextField } from '../components/text-field.tsx'
import { say } from '../words/say.ts'
import { wholeNumber } from '../words/whole-number.ts'
import style from './sign-in.module.css'

interface PlaceComplaints {
  readonly host?: string
  readonly port?: string
}

const USUAL_PORT = 5222

/** Where a server is, where that cannot be found by its name: what was typed, and what is wrong with it. */
export function useServerPlace(given: ServerPlace | null | undefined) {
  const [host, setHost] = useState(given?.host ?? '')
  const [port, setPort] = useState(String(given?.port ?? ''))
  const [advanced, setAdvanced] = useState(given !== null && given !== undefined)
  const [complaints, setComplaints] = useState<PlaceComplaints>({})
  /** Undefined where something is wrong, which is said beside it; null where it is found by its name. */
  const read = (): ServerPlace | null | undefined => {
    const [name, digits] = [host.trim(), port.trim()]
    const number = digits === '' ? USUAL_PORT : wholeNumber(digits)
    const isPort = Number.isInteger(number) && number >= 1 && number <= 65_535
    const found: PlaceComplaints = {
      ...(advanced && name === '' && digits !== '' ? { host: say('server-place.no-server') } : {}),
      ...(advanced && !isPort ? { port: say('server-place.no-port') } : {}),
    }
    setComplaints(found)
    if (Object.keys(found).length > 0) return undefined
    return advanced && name !== '' ? { host: name, port: number } : null
  }
  return { host, setHost, port, setPort, advanced, setAdvanced, complaints, read }
}

interface ServerPlaceFieldsProps {
  readonly place: ReturnType<typeof useServerPlace>
  readonly readOnly: boolean
  readonly hostLabel?: string
}

export function ServerPlaceFields({
  place,
  readOnly,
  hostLabel = say('server-place.server'),
}: ServerPlaceFieldsProps) {
  const { advanced, setAdvanced, complaints } = place
  const Chevron = advanced ? ChevronDown : ChevronRight
  return (
    <>
      <button
        type="button"
        className={style['more']}
        aria-expanded={advanced}
        onClick={() => setAdvanced(!advanced)}
      >
        <Chevron size={14} aria-hidden />
        {say('server-place.advanced')}
      </button>
      {advanced && (
        <div className={style['advanced']}>
          <TextField
            label={hostLabel}
            placeholder={say('server-place.found-by-itself')}
            value={place.host}
            onValueChange={place.setHost}
            maxLength={MAX_HOST_LENGTH}
            error={complaints.host}
            spellCheck={false}
            dir="ltr"
            readOnly={readOnly}
          />
          <TextField
            label={say('server-place.port')}
            placeholder={String(USUAL_PORT)}
            inputMode="numeric"
            dir="ltr"
            value={place.port}
            onValueChange={place.setPort}
            error={complaints.port}
            readOnly={readOnly}
          />
        </div>
      )}
    </>
  )
}
