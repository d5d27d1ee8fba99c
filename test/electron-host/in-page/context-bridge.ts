/**
 * One end of the context bridge. It runs in both worlds of a page, and its source is sent there, so it may use
 * nothing from outside of it. Functions and promises cross as numbers, everything else by the structured cloning
 * of `CustomEvent.detail`, which is synchronous and carries Files, too.
 */
export interface ContextBridge {
  readonly expose: (name: string, api: unknown) => void
}

export function makeContextBridge(tag: string, me: 'main' | 'preload'): ContextBridge {
  // biome-ignore lint/suspicious/noExplicitAny: values of any kind cross here
  type Value = any
  const other = me === 'main' ? 'preload' : 'main'
  const functions = new Map<number, (...args: Value[]) => unknown>()
  const numbers = new WeakMap<object, number>()
  const promises = new Map<string, { resolve(value: Value): void; reject(error: Value): void }>()
  const dispatch = EventTarget.prototype.dispatchEvent.bind(window)
  let last = 0
  let reply: Value

  const fire = (detail: Value): void => {
    dispatch(new CustomEvent(tag + other, { detail }))
  }
  const packError = (error: Value): Value => ({ $error: String(error?.message ?? error) })
  const isPlain = (value: object): boolean => [Object.prototype, null].includes(Object.getPrototypeOf(value))
  const pack = (value: Value): Value => {
    if (typeof value === 'symbol') throw new Error('Cannot send symbols across the context bridge')
    if (typeof value === 'function') {
      const number = numbers.get(value) ?? ++last
      numbers.set(value, number)
      functions.set(number, value)
      return { $function: number }
    }
    if (value instanceof Promise) {
      const id = `${me}${++last}`
      value.then(
        result => fire({ kind: 'resolved', id, value: pack(result) }),
        error => fire({ kind: 'rejected', id, value: packError(error) }),
      )
      return { $promise: id }
    }
    if (value instanceof Error) return packError(value)
    if (Array.isArray(value)) return value.map(pack)
    if (value !== null && typeof value === 'object' && isPlain(value)) {
      return { $object: Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, pack(entry)])) }
    }
    return value
  }
  const call = (number: number, args: Value[]): Value => {
    reply = undefined
    fire({ kind: 'call', number, args: args.map(pack) })
    const answer = reply
    reply = undefined
    if (answer && 'error' in answer) throw unpack(answer.error)
    return unpack(answer?.value)
  }
  const unpack = (value: Value): Value => {
    if (Array.isArray(value)) return value.map(unpack)
    if (value === null || typeof value !== 'object' || !isPlain(value)) return value
    if ('$function' in value) return (...args: Value[]) => call(value.$function, args)
    if ('$promise' in value) {
      return new Promise((resolve, reject) => promises.set(value.$promise, { resolve, reject }))
    }
    if ('$error' in value) return new Error(value.$error)
    return Object.fromEntries(Object.entries(value.$object).map(([key, entry]) => [key, unpack(entry)]))
  }
  const deepFreeze = (value: Value): Value => {
    if (value !== null && typeof value === 'object') {
      Object.values(value).forEach(deepFreeze)
      Object.freeze(value)
    }
    return value
  }
  const answerCall = (number: number, args: Value[]): void => {
    let answer: Value
    try {
      answer = { kind: 'returned', value: pack(functions.get(number)?.(...args.map(unpack))) }
    } catch (error) {
      answer = { kind: 'returned', error: packError(error) }
    }
    fire(answer)
  }

  window.addEventListener(
    tag + me,
    event => {
      event.stopImmediatePropagation()
      const message = (event as CustomEvent).detail
      if (message.kind === 'call') answerCall(message.number, message.args)
      else if (message.kind === 'returned') reply = message
      else if (message.kind === 'expose') {
        Object.defineProperty(window, message.name, {
          value: deepFreeze(unpack(message.api)),
          enumerable: true,
        })
      } else {
        const promise = promises.get(message.id)
        promises.delete(message.id)
        if (message.kind === 'resolved') promise?.resolve(unpack(message.value))
        else promise?.reject(unpack(message.value))
      }
    },
    true,
  )
  return { expose: (name, api) => fire({ kind: 'expose', name, api: pack(api) }) }
}
