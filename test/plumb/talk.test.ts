import { expect, test } from 'vitest'
import { Talk } from '../../main/plumb/talk.ts'
import { attribute, type Element } from '../../main/xmpp/stanza.ts'
import { Discovery } from '../../main/xmpp/xep-0030.ts'
import { Failure } from '../../shared/model/failure.ts'
import { features } from '../xmpp/answer.ts'
import { FakeTransport } from '../xmpp/fake-transport.ts'

const ALICE = 'alice@plumb.test'

/** A server that says nothing of the account while it is `silent`. */
class Server extends FakeTransport {
  silent = true

  override async send(stanza: Element): Promise<void> {
    await super.send(stanza)
    const { id, to = ALICE } = stanza.attrs
    queueMicrotask(() => {
      if (this.silent) this.iq.rejectAll(new Failure('timed-out', 'The server does not answer.'))
      else this.receive(`<iq type='result' id='${id}' from='${to}'>${features('urn:xmpp:mam:2')}</iq>`)
    })
  }

  async deliver(stanza: Element): Promise<void> {
    await this.send(stanza)
  }

  /** How often it was asked what it has for the account. */
  get asked(): number {
    return this.sent.filter(stanza => attribute(stanza, 'to') === ALICE).length
  }
}

test('an archive of which the server does not say at first whether it is there is asked for again', async () => {
  const stream = new Server()
  const discovery = new Discovery(stream.iq, [])
  const talk = new Talk({ iq: stream.iq, discovery, stream, mayKnowUs: () => true, receipts: () => true })
  const { signal } = new AbortController()
  await talk.startSession()
  expect(talk.support.archive).toBe(false)
  await expect(talk.askAgain(signal)).rejects.toMatchObject({ code: 'timed-out' })
  stream.silent = false
  await talk.askAgain(signal)
  expect(talk.support.archive).toBe(true)
  const { asked } = stream
  await talk.askAgain(signal)
  expect(stream.asked).toBe(asked)
})
