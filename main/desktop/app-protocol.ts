import { readFile } from 'node:fs/promises'
import { extname, join, resolve, sep } from 'node:path'

/** Where the window's page comes from: a scheme of its own, so that `file:` stays closed to it. */
export const APP_SCHEME = 'app'
export const APP_ORIGIN = 'app://plumb'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** Nothing but our own files, no connection to anywhere, nobody around the page (security: renderer). */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ')

const PICTURE = /^\/picture\/([0-9a-f]{40})$/

/** A picture of somebody, by its hash: a PNG that the window has drawn. */
export type PictureSource = (hash: string) => Promise<Uint8Array | undefined>

/** Answers a request of the page with a file of `root` or a picture, and with nothing else. */
export async function serve(url: string, root: string, pictureOf: PictureSource): Promise<Response> {
  const hash = pictureHash(url)
  if (hash === undefined) return await serveFile(url, root)
  const bytes = await pictureOf(hash)
  if (bytes === undefined) return notFound()
  return new Response(new Uint8Array(bytes), {
    headers: {
      'content-type': 'image/png',
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, max-age=86400',
    },
  })
}

async function serveFile(url: string, root: string): Promise<Response> {
  const path = filePath(url, root)
  const type = path && TYPES[extname(path)]
  if (path === undefined || type === undefined) return notFound()
  try {
    // Copied: a Response takes bytes that nobody else holds.
    return new Response(new Uint8Array(await readFile(path)), {
      headers: {
        'content-type': type,
        'content-security-policy': CONTENT_SECURITY_POLICY,
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
      },
    })
  } catch {
    return notFound()
  }
}

function pictureHash(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}` === APP_ORIGIN ? PICTURE.exec(pathname)?.[1] : undefined
}

/** Undefined for what is not, once everything is decoded, inside of `root`. */
function filePath(url: string, root: string): string | undefined {
  try {
    const { protocol, host, pathname } = new URL(url)
    const name = decodeURIComponent(pathname)
    if (`${protocol}//${host}` !== APP_ORIGIN || /[\0\\:]/.test(name)) return undefined
    const path = resolve(join(root, name))
    return path.startsWith(resolve(root) + sep) ? path : undefined
  } catch {
    return undefined
  }
}

function notFound(): Response {
  return new Response('Not found', { status: 404, headers: { 'content-type': 'text/plain' } })
}
