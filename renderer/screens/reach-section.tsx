import { CircleAlert, CircleCheck } from 'lucide-react'
import { type RefObject, useEffect, useState } from 'react'
import { assertNever } from '../../shared/assert-never.ts'
import type { Reach } from '../../shared/model/reach.ts'
import { Button } from '../components/button.tsx'
import { addressLine, mappingLine, proxyLine, verdictOf } from '../words/reach.ts'
import { say } from '../words/say.ts'
import parts from './dialog-parts.module.css'
import style from './reach-section.module.css'

type Check =
  | { readonly kind: 'none' }
  | { readonly kind: 'under-way' }
  | { readonly kind: 'found'; readonly reach: Reach }
  | { readonly kind: 'failed'; readonly message: string }

interface ReachSectionProps {
  readonly section: RefObject<HTMLElement | null>
  /** Without being asked. */
  readonly atOnce: boolean
}

/** How others reach this computer, and what would make direct transfers work. */
export function ReachSection({ section, atOnce }: ReachSectionProps) {
  const [check, setCheck] = useState<Check>({ kind: atOnce ? 'under-way' : 'none' })
  useEffect(() => {
    if (atOnce) void ask().then(setCheck)
  }, [atOnce])
  const underWay = check.kind === 'under-way'
  const look = (): void => {
    if (underWay) return
    setCheck({ kind: 'under-way' })
    void ask().then(setCheck)
  }
  return (
    <section ref={section} className={parts['section']} aria-label={say('reach.title')} tabIndex={-1}>
      <h3>{say('reach.title')}</h3>
      <div className={parts['line']}>
        <div role="status">
          <Summary check={check} />
        </div>
        {/* Not `disabled`: the focus stays. */}
        <Button aria-disabled={underWay} data-disabled={underWay ? '' : undefined} onClick={look}>
          {check.kind === 'none' || underWay ? say('reach.check') : say('reach.check-again')}
        </Button>
      </div>
      {check.kind === 'found' && <Found reach={check.reach} />}
    </section>
  )
}

async function ask(): Promise<Check> {
  const answer = await window.plumb.checkReach()
  return answer.ok
    ? { kind: 'found', reach: answer.value }
    : { kind: 'failed', message: answer.failure.message }
}

function Summary({ check }: { readonly check: Check }) {
  switch (check.kind) {
    case 'none':
      return <p className={parts['soft']}>{say('reach.promise')}</p>
    case 'under-way':
      return <p className={parts['soft']}>{say('reach.looking')}</p>
    case 'failed':
      return <p className={parts['bad']}>{check.message}</p>
    case 'found': {
      const isFree = check.reach.advice.length === 0
      const Icon = isFree ? CircleCheck : CircleAlert
      return (
        <p className={`${style['verdict']} ${style[isFree ? 'ok' : 'warn']}`}>
          <Icon size={16} strokeWidth={1.75} aria-hidden />
          {verdictOf(check.reach)}
        </p>
      )
    }
    default:
      return assertNever(check)
  }
}

function Found({ reach }: { readonly reach: Reach }) {
  const { advice, addresses, mapping, proxy } = reach
  return (
    <>
      {advice.length > 0 && (
        <ul className={style['advice']} aria-label={say('reach.what-helps')}>
          {advice.map(sentence => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
      <dl className={style['facts']}>
        <dt>{say('reach.addresses')}</dt>
        <dd>
          {addresses.length === 0 ? (
            say('reach.no-address')
          ) : (
            <ul>
              {addresses.map(found => (
                <li key={found.address}>
                  <bdi className={style['address']} dir="ltr">
                    {found.address}
                  </bdi>{' '}
                  <span>{addressLine(found)}</span>
                </li>
              ))}
            </ul>
          )}
        </dd>
        <dt>{say('reach.router')}</dt>
        <dd>{mappingLine(mapping)}</dd>
        <dt>{say('reach.proxy')}</dt>
        <dd>{proxyLine(proxy)}</dd>
      </dl>
    </>
  )
}
