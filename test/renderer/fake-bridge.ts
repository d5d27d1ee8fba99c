import { type Mock, vi } from 'vitest'
import { connect } from '../../renderer/state/store.ts'
import type { Bridge } from '../../shared/ipc/bridge.ts'
import type { NumberedEvent } from '../../shared/ipc/events.ts'
import type { WindowState } from '../../shared/model/window-state.ts'

type Listener = (event: NumberedEvent) => void
type AnyCall = Mock<(...args: never[]) => unknown>
type Mocked = { [N in keyof Bridge]: AnyCall }

/** A main process that answers every call with nothing, until a test says otherwise. */
export class FakeMain {
  /** By the name of the call. */
  readonly calls: Mocked
  #listeners: Listener[] = []
  #sequence: number

  constructor(state: WindowState) {
    this.#sequence = state.sequence
    const made = new Map<PropertyKey, AnyCall>()
    const answer = (value?: unknown) => vi.fn(async () => ({ ok: true, value }))
    made.set('load', answer(state))
    made.set('readConversation', answer({ messages: [], transfers: [], older: false, newer: false }))
    made.set(
      'onEvent',
      vi.fn((listener: Listener) => {
        this.#listeners.push(listener)
        return () => {}
      }),
    )
    this.calls = new Proxy({} as Mocked, {
      get: (_, name) => {
        const call = made.get(name) ?? answer()
        made.set(name, call)
        return call
      },
    })
  }

  /** Puts itself into the window, which then asks for everything. */
  async connect(): Promise<void> {
    Object.defineProperty(window, 'plumb', { value: this.calls, configurable: true })
    await connect(this.calls as unknown as Bridge)
  }

  tell<N extends NumberedEvent['name']>(name: N, value: (NumberedEvent & { name: N })['value']): void {
    this.#sequence += 1
    for (const listener of this.#listeners)
      listener({ sequence: this.#sequence, name, value } as NumberedEvent)
  }
}
