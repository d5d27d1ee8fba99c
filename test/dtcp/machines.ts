import type { Fingerprints } from '../../main/dtcp/fingerprint.ts'
import {
  ACCEPTED,
  type AcceptorContext,
  type AcceptorEffect,
  type AcceptorInput,
  type DialerTerms,
  type Role,
  type Step,
  startDialer,
  stepAcceptor,
  stepDialer,
  type Terms,
} from '../../main/dtcp/handshake.ts'

/** The keys of the XEP's examples: the requestor's own, and the responder's own. */
export const REQUESTOR_KEY = 'c7b5ea3f'
export const RESPONDER_KEY = 'a1b2c3d4'

export const OURS: Fingerprints = { 'sha-256': 'OU:RS' }
export const THEIRS: Fingerprints = { 'sha-256': 'TH:EI:RS' }

/** The terms of one side, of the XEP's examples. */
export function termsOf(role: Role, more: Partial<DialerTerms> = {}): DialerTerms {
  return {
    role,
    ourKey: role === 'requestor' ? REQUESTOR_KEY : RESPONDER_KEY,
    theirKey: role === 'requestor' ? RESPONDER_KEY : REQUESTOR_KEY,
    plaintextAllowed: true,
    pinned: undefined,
    askForTls: false,
    ...more,
  }
}

export function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, character => character.charCodeAt(0))
}

export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1')
}

/** One side of a conversation, with whoever carries out its effects: what was said, and what the next layer got. */
export class Conversation {
  /** The effects as words, without their trailing bytes. */
  readonly said: string[] = []
  /** What was handed on: with `start-tls`, and with `established`, each with all that came behind it. */
  readonly handedOn: string[] = []
  /** What it wrote for the other side, since this was last emptied. */
  sent = ''
  isReady = false
  #inNextLayer = false
  #step: (input: AcceptorInput) => readonly AcceptorEffect[]

  private constructor(step: (input: AcceptorInput) => readonly AcceptorEffect[]) {
    this.#step = step
  }

  static dialer(terms: DialerTerms): Conversation {
    const first = startDialer(terms)
    let { state } = first
    const conversation = new Conversation(input => {
      if (input.kind === 'terms-known') throw new Error('a dialer knows its terms')
      const next = stepDialer(state, input)
      state = next.state
      return next.effects
    })
    conversation.#take(first.effects)
    return conversation
  }

  static acceptor(context: AcceptorContext): Conversation {
    let state = ACCEPTED
    return new Conversation(input => {
      const next: Step<typeof state, AcceptorEffect> = stepAcceptor(state, input, context)
      state = next.state
      return next.effects
    })
  }

  get outcome(): string | undefined {
    return this.said.find(word => word.startsWith('established') || word.startsWith('failed'))
  }

  /** Bytes arrive. Behind `start-tls` and `established` they are the next layer's, and do not come here. */
  read(text: string): void {
    if (this.#inNextLayer) this.handedOn[this.handedOn.length - 1] += text
    else this.#take(this.#step({ kind: 'received', bytes: bytesOf(text) }))
  }

  secured(certificate: Fingerprints | undefined): void {
    this.#inNextLayer = false
    this.#take(this.#step({ kind: 'secured', certificate }))
  }

  decide(kind: 'committed' | 'discarded'): void {
    this.#take(this.#step({ kind }))
  }

  know(terms: Terms): void {
    this.#take(this.#step({ kind: 'terms-known', terms }))
  }

  #take(effects: readonly AcceptorEffect[]): void {
    for (const effect of effects) {
      switch (effect.kind) {
        case 'send':
          this.sent += `${effect.line}\n`
          this.said.push(`send ${effect.line}`)
          break
        case 'start-tls':
          this.#handOn(effect.trailing)
          this.said.push('start-tls')
          break
        case 'established':
          this.#handOn(effect.trailing)
          this.said.push(
            `established ${effect.verified ? 'verified' : effect.encrypted ? 'encrypted' : 'plain'}`,
          )
          break
        case 'failed':
          this.said.push(`failed ${effect.reason}`)
          break
        case 'ready':
          this.isReady = true
          this.said.push('ready')
          break
        case 'joined':
          this.said.push(`joined ${effect.session}`)
          break
        case 'noted':
          this.said.push(`noted ${effect.reason}`)
          break
        default:
          throw new Error(`bug: ${JSON.stringify(effect satisfies never)}`)
      }
    }
  }

  #handOn(trailing: Uint8Array): void {
    this.#inNextLayer = true
    this.handedOn.push(textOf(trailing))
  }
}
