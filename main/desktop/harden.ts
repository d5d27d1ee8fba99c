import { type App, protocol, type Session } from 'electron'
import { APP_ORIGIN, APP_SCHEME, type PictureSource, serve } from './app-protocol.ts'

/** Before the app is ready: the page's scheme is a real origin, and nothing more. */
export function declareScheme(): void {
  protocol.registerSchemesAsPrivileged([{ scheme: APP_SCHEME, privileges: { standard: true, secure: true } }])
}

/** Serves the page's files and the pictures of people, and denies every page whatever it has no need of (security: renderer). */
export function harden(
  app: Pick<App, 'on'>,
  session: Session,
  rendererFolder: string,
  pictureOf: PictureSource,
): void {
  session.protocol.handle(APP_SCHEME, ({ url }) => serve(url, rendererFolder, pictureOf))
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false))
  session.setPermissionCheckHandler(() => false)
  session.on('will-download', event => event.preventDefault())
  app.on('web-contents-created', (_, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    contents.on('will-navigate', event => {
      // A reload is one, too.
      if (!event.url.startsWith(`${APP_ORIGIN}/index.html`)) event.preventDefault()
    })
    contents.on('will-redirect', event => event.preventDefault())
    contents.on('will-attach-webview', event => event.preventDefault())
  })
}
