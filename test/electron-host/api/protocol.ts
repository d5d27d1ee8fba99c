import type Electron from 'electron'

type Handler = (request: Request) => Response | Promise<Response>

const handlers = new Map<string, Handler>()

/** A scheme of the app's own is, for Chromium, a host: app://plumb/x is http://plumb.app.localhost/x there. */
export const protocol = {
  registerSchemesAsPrivileged: (_schemes: Electron.CustomScheme[]) => {},
  handle: (scheme: string, handler: Handler) => void handlers.set(scheme, handler),
  isProtocolHandled: (scheme: string) => handlers.has(scheme),
} satisfies Pick<Electron.Protocol, 'registerSchemesAsPrivileged' | 'handle' | 'isProtocolHandled'>

export function handledSchemes(): readonly string[] {
  return [...handlers.keys()]
}

export function handlerOf(scheme: string): Handler | undefined {
  return handlers.get(scheme)
}

export function toChromium(url: string): string {
  const { protocol: scheme, host, pathname, search, hash } = new URL(url)
  const name = scheme.slice(0, -1)
  return handlers.has(name) ? `http://${host}.${name}.localhost${pathname}${search}${hash}` : url
}

export function fromChromium(url: string): string {
  const [, host, name = '', rest] = /^http:\/\/([^/]*)\.([a-z0-9-]+)\.localhost(\/.*)$/.exec(url) ?? []
  return handlers.has(name) ? `${name}://${host}${rest}` : url
}
