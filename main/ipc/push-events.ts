import type { WebContents } from 'electron'
import type * as z from 'zod'
import { EVENT_CHANNEL } from '../../shared/ipc/channels.ts'
import { EVENTS, type EventName, type EventValue } from '../../shared/ipc/events.ts'

/**
 * Sends one event to the window. One that is loading misses it and asks for everything afterwards. A value that breaks
 * the contract is a bug of ours: it stays here, with a word on stderr, and the program goes on.
 */
export function pushEvent<N extends EventName>(
  contents: Pick<WebContents, 'isDestroyed' | 'send'> | undefined,
  name: N,
  value: EventValue<N>,
  sequence: number,
): void {
  const schema: z.ZodType = EVENTS[name]
  if (!schema.safeParse(value).success) {
    process.stderr.write(`bug: the event ${name} breaks the contract\n`)
    return
  }
  if (contents === undefined || contents.isDestroyed()) return
  contents.send(EVENT_CHANNEL, { sequence, name, value })
}
