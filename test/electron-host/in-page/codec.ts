/**
 * Values as structured cloning would carry them, as text. The same code runs on both sides: its source is sent to
 * the page, so it may use nothing from outside of it.
 */
export interface Codec {
  /** Throws a DataCloneError for what cannot be cloned, as Electron does. */
  encode(value: unknown): string
  decode(text: string): unknown
}

export function makeCodec(): Codec {
  type Json = null | boolean | number | string | { $: string; v?: unknown; t?: string }
  type TypedArrays = Record<string, new (buffer: ArrayBuffer) => object>
  const toBase64 = (bytes: Uint8Array): string => {
    let text = ''
    for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192))
    return btoa(text)
  }
  const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
    Uint8Array.from(atob(text), character => character.charCodeAt(0))

  function encode(value: unknown): string {
    const seen = new Map<object, number>()
    const pack = (item: unknown): Json => {
      if (item === undefined) return { $: 'undefined' }
      if (typeof item === 'bigint') return { $: 'bigint', v: String(item) }
      if (typeof item === 'number' && (!Number.isFinite(item) || Object.is(item, -0))) {
        return { $: 'number', v: Object.is(item, -0) ? '-0' : String(item) }
      }
      if (item === null || typeof item !== 'object') return item as Json
      const known = seen.get(item)
      if (known !== undefined) return { $: 'again', v: known }
      seen.set(item, seen.size)
      if (item instanceof Date) return { $: 'date', v: item.getTime() }
      if (item instanceof RegExp) return { $: 'regexp', v: [item.source, item.flags] }
      if (item instanceof Map)
        return { $: 'map', v: [...item].map(([key, entry]) => [pack(key), pack(entry)]) }
      if (item instanceof Set) return { $: 'set', v: [...item].map(pack) }
      if (item instanceof Error) return { $: 'error', v: [item.name, item.message, item.stack] }
      if (item instanceof ArrayBuffer)
        return { $: 'bytes', t: 'ArrayBuffer', v: toBase64(new Uint8Array(item)) }
      if (ArrayBuffer.isView(item)) {
        const bytes = new Uint8Array(item.buffer, item.byteOffset, item.byteLength)
        return { $: 'bytes', t: Object.prototype.toString.call(item).slice(8, -1), v: toBase64(bytes) }
      }
      if (Array.isArray(item)) return { $: 'array', v: item.map(pack) }
      return { $: 'object', v: Object.entries(item).map(([key, entry]) => [key, pack(entry)]) }
    }
    return JSON.stringify(pack(structuredClone(value)))
  }

  function decode(text: string): unknown {
    const seen: unknown[] = []
    const keep = <T>(item: T): T => {
      seen.push(item)
      return item
    }
    const unpack = (json: Json): unknown => {
      if (json === null || typeof json !== 'object') return json
      const { v } = json
      switch (json.$) {
        case 'undefined':
          return undefined
        case 'bigint':
          return BigInt(v as string)
        case 'number':
          return Number(v)
        case 'again':
          return seen[v as number]
        case 'date':
          return keep(new Date(v as number))
        case 'regexp': {
          const [source, flags] = v as [string, string]
          return keep(new RegExp(source, flags))
        }
        case 'map': {
          const map = keep(new Map())
          for (const [key, entry] of v as [Json, Json][]) map.set(unpack(key), unpack(entry))
          return map
        }
        case 'set': {
          const set = keep(new Set())
          for (const entry of v as Json[]) set.add(unpack(entry))
          return set
        }
        case 'error': {
          const [name, message, stack] = v as [string, string, string]
          return keep(Object.assign(new Error(message), { name, stack }))
        }
        case 'bytes': {
          const bytes = fromBase64(v as string)
          if (json.t === 'Uint8Array') return keep(bytes)
          if (json.t === 'ArrayBuffer') return keep(bytes.buffer)
          const TypedArray = (globalThis as unknown as TypedArrays)[json.t ?? '']
          return keep(TypedArray === undefined ? bytes : new TypedArray(bytes.buffer))
        }
        case 'array': {
          const array: unknown[] = keep([])
          for (const entry of v as Json[]) array.push(unpack(entry))
          return array
        }
        default: {
          const object: Record<string, unknown> = keep({})
          for (const [key, entry] of v as [string, Json][]) object[key] = unpack(entry)
          return object
        }
      }
    }
    return unpack(JSON.parse(text))
  }

  return { encode, decode }
}
