import type { IpcMain } from 'electron'
import type * as z from 'zod'
import { type Answer, CALLS, type CallHandlers, type CallName } from '../../shared/ipc/calls.ts'
import type { FailureCode } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'
import { shownFailure } from '../messenger/shown-failure.ts'
import type { Sender } from './trusted-sender.ts'

/** A handler as it is called here: what its types were, the schemas have checked. */
type AnyHandler = (...args: readonly unknown[]) => unknown

/**
 * Answers the window's calls: sender, number and shape of the arguments, and the shape of the result are checked
 * for each. Whatever goes wrong is answered as a value; a message never repeats what was sent.
 */
export function serveCalls(
  ipc: Pick<IpcMain, 'handle'>,
  handlers: CallHandlers,
  isTrusted: (event: Sender) => boolean,
): void {
  for (const name of Object.keys(CALLS) as CallName[]) {
    ipc.handle(name, async (event, ...args: unknown[]): Promise<Answer<unknown>> => {
      if (!isTrusted(event)) return refusal('not-allowed', say('window.not-trusted'))
      const given = readArguments(name, args)
      if (given === undefined) {
        return refusal('invalid-argument', 'bug: the window asked for something in the wrong way.')
      }
      try {
        const value = await (handlers[name] as AnyHandler)(...given)
        const result: z.ZodType = CALLS[name].result
        const checked = result.safeParse(value)
        return checked.success
          ? { ok: true, value: checked.data }
          : refusal('bug', `bug: ${name} gave a wrong answer.`)
      } catch (error) {
        return { ok: false, failure: shownFailure(error) }
      }
    })
  }
}

function readArguments(name: CallName, args: readonly unknown[]): readonly unknown[] | undefined {
  const schemas: readonly z.ZodType[] = CALLS[name].arguments
  if (args.length !== schemas.length) return undefined
  const results = schemas.map((schema, index) => schema.safeParse(args[index]))
  return results.every(result => result.success) ? results.map(({ data }) => data) : undefined
}

function refusal(code: FailureCode, message: string): Answer<never> {
  return { ok: false, failure: { code, message } }
}
