import { Notification } from 'electron'
import { splitPersonId } from '../../shared/model/person-id.ts'
import { say } from '../../shared/words/say.ts'
import type { Attention } from '../messenger/ports.ts'

export interface NotificationActions {
  readonly open: (about: Attention['about']) => void
  readonly answer: (transfer: string, answer: 'accept' | 'decline') => void
}

/** More than these at once are noise: the oldest is taken away. */
const MAX_SHOWN = 20

/** The system's notifications, one for each thing that they are about. */
export class Notifications {
  readonly #actions: NotificationActions
  readonly #platform: NodeJS.Platform
  readonly #shown = new Map<string, { readonly notification: Notification; readonly account: string }>()

  constructor(actions: NotificationActions, platform: NodeJS.Platform) {
    this.#actions = actions
    this.#platform = platform
  }

  show({ title, body, about }: Attention): void {
    if (!Notification.isSupported()) return
    this.settle(about)
    const isOffer = about.kind === 'offer'
    const notification = new Notification({
      title,
      body: this.#platform === 'linux' ? withoutMarkup(body) : body,
      // macOS and Windows show buttons; on Linux a click leads to the prompt.
      ...(isOffer
        ? {
            actions: [
              { type: 'button', text: say('offer.accept') },
              { type: 'button', text: say('offer.decline') },
            ],
          }
        : {}),
    })
    const key = keyOf(about)
    this.#shown.set(key, { notification, account: splitPersonId(about.person).account })
    notification.on('click', () => this.#actions.open(about))
    notification.on('action', ({ actionIndex }) => {
      if (about.kind !== 'offer') return
      this.#actions.answer(about.transfer, actionIndex === 0 ? 'accept' : 'decline')
    })
    notification.on('close', ({ reason }) => {
      // On Windows it went to the list of notifications: it still has to answer, and to be taken away.
      if (reason === 'timedOut') return
      if (this.#shown.get(key)?.notification === notification) this.#shown.delete(key)
    })
    notification.show()
    const [oldest] = this.#shown.keys()
    if (this.#shown.size > MAX_SHOWN && oldest !== undefined) this.#close(oldest)
  }

  /** It was answered or seen. */
  settle(about: Attention['about']): void {
    this.#close(keyOf(about))
  }

  /** That account is signed in no more. */
  closeOf(account: string): void {
    for (const [key, shown] of [...this.#shown]) if (shown.account === account) this.#close(key)
  }

  #close(key: string): void {
    const shown = this.#shown.get(key)
    this.#shown.delete(key)
    shown?.notification.close()
  }
}

/** Desktop Notifications Specification: the body, and only that, is read as markup. */
function withoutMarkup(body: string): string {
  return body.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Messages of one person are one thing. */
function keyOf(about: Attention['about']): string {
  return about.kind === 'message' ? `message ${about.person}` : `${about.kind} ${about.transfer}`
}
