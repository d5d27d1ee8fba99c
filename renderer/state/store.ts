import { useStore } from 'zustand'
import { createStore } from 'zustand/vanilla'
import type { Bridge } from '../../shared/ipc/bridge.ts'
import type { Answer } from '../../shared/ipc/calls.ts'
import type { NumberedEvent } from '../../shared/ipc/events.ts'
import { languageFor, languageOf } from '../../shared/words/language.ts'
import { speakIn } from '../words/say.ts'
import { drawShown } from './draw-picture.ts'
import { known, reduce, reduceEvent } from './reduce.ts'
import { type Action, INITIAL, type Known, type State } from './state.ts'

declare global {
  interface Window {
    /** Put there by the preload. */
    readonly plumb: Bridge
  }
}

const store = createStore<State>(() => INITIAL)

export function dispatch(action: Action): void {
  store.setState(state => reduce(state, action), true)
}

/** A part of the state; the component is rendered anew when that part is another value. */
export function useView<T>(select: (state: State) => T): T {
  return useStore(store, select)
}

/** The state right now, for what happens outside of rendering. */
export function currentState(): State {
  return store.getState()
}

/** The value of a call, or undefined where it failed; why, is shown. */
export async function attempt<T>(call: Promise<Answer<T>>): Promise<T | undefined> {
  const answer = await call
  if (answer.ok) return answer.value
  dispatch({ type: 'failed', failure: answer.failure })
  return undefined
}

/** Where the transfers lie over the conversation; messenger.module.css has the same width. */
const NARROW = '(max-width: 979px)'

export function isNarrow(): boolean {
  return window.matchMedia(NARROW).matches
}

async function answerPicture(
  bridge: Bridge,
  { id, picture }: (NumberedEvent & { name: 'pictureToDraw' })['value'],
): Promise<void> {
  await bridge.pictureDrawn(id, await drawShown(picture))
}

/** Speaks as is chosen from now on, and draws everything anew. */
async function speakAsChosen({ app, settings }: Pick<Known, 'app' | 'settings'>): Promise<void> {
  const language = languageOf(settings.language, app.languages)
  await speakIn(language)
  dispatch({ type: 'language', locale: language.locale })
}

/** Listens first and loads then, so that nothing is missed in between. */
export async function connect(bridge: Bridge): Promise<void> {
  const early: NumberedEvent[] = []
  bridge.onEvent(event => {
    if (event.name === 'pictureToDraw') void answerPicture(bridge, event.value)
    if (store.getState().known === undefined) early.push(event)
    else store.setState(state => reduceEvent(state, event), true)
  })
  // One after the other: a language that is loaded first would otherwise come after the one that is chosen then.
  let speaking = Promise.resolve()
  store.subscribe(({ known: now }, { known: before }) => {
    if (now && before && now.settings.language !== before.settings.language)
      speaking = speaking.then(() => speakAsChosen(now))
  })
  const answer = await bridge.load()
  if (!answer.ok) {
    await speakIn(languageFor(navigator.languages))
    dispatch({ type: 'failed', failure: answer.failure })
    return
  }
  const loaded = known(answer.value)
  await speakAsChosen(loaded)
  dispatch({ type: 'loaded', known: loaded })
  // In a narrow window they would lie over the conversation.
  if (isNarrow()) dispatch({ type: 'show-transfers', open: false })
  const narrow = window.matchMedia(NARROW)
  narrow.addEventListener('change', ({ matches }) => dispatch({ type: 'show-transfers', open: !matches }))
  for (const event of early) store.setState(state => reduceEvent(state, event), true)
}
