import { readFile } from 'node:fs/promises'
import { extname, join, resolve, sep } from 'node:path'
import type { Picture } from '../pictures/picture-header.ts'

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

/**
 * Nothing but our own files, no connection to anywhere, nobody around the page (security: renderer). What a blob: or data:
 * address holds the page has already, and as the source of an image it is decoded and never run.
 */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "object-src 'none'",
].join('; ')

/** The pictures of conversations, by what they were transferred with; renderer/words/picture.ts makes the addresses. */
const PICTURE_PATH = /^\/picture\/([0-9a-z-]{1,64})$/i

/** The pictures of people, by the SHA-1 of what they published. */
const FACE_PATH = /^\/face\/([0-9a-f]{40})$/

/** What the page may have beside its own files. Both are undefined for whatever is not to be shown, and never reject. */
export interface Served {
  /** The built page. */
  readonly root: string
  /** A picture of a conversation. */
  readonly pictureOf: (transfer: string) => Promise<Picture | undefined>
  /** A picture of somebody, as the window has drawn it. */
  readonly faceOf: (hash: string) => Promise<Picture | undefined>
}

/** Answers a request of the page: with one of its files, or with a picture, whose address names no file. */
export async function serve(url: string, { root, pictureOf, faceOf }: Served): Promise<Response> {
  const path = url.startsWith(`${APP_ORIGIN}/`) ? url.slice(APP_ORIGIN.length) : ''
  const transfer = PICTURE_PATH.exec(path)?.[1]
  if (transfer !== undefined) return pictureResponse(await pictureOf(transfer), 'no-store')
  const hash = FACE_PATH.exec(path)?.[1]
  // Behind a hash is always the same.
  if (hash !== undefined) return pictureResponse(await faceOf(hash), 'private, max-age=86400')
  return await serveFile(url, root)
}

function pictureResponse(picture: Picture | undefined, kept: string): Response {
  if (picture === undefined) return notFound()
  return new Response(new Uint8Array(picture.bytes), {
    headers: {
      'content-type': picture.type,
      // Nothing but a picture, whatever else could be read out of it.
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
      'cache-control': kept,
    },
  })
}

/** Answers with a file of `root`, and with nothing else. */
export async function serveFile(url: string, root: string): Promise<Response> {
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
