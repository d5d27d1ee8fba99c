import { describe, expect, test, vi } from 'vitest'
import { pushEvent } from '../../main/ipc/push-events.ts'
import { serveCalls } from '../../main/ipc/serve-calls.ts'
import { isTrusted, type Sender } from '../../main/ipc/trusted-sender.ts'
import { CALLS, type CallHandlers } from '../../shared/ipc/calls.ts'
import { Failure } from '../../shared/model/failure.ts'
import { windowState } from '../renderer/factories.ts'

type Listener = (event: Sender, ...args: unknown[]) => Promise<unknown>
type Answered = { ok: boolean; value?: unknown; failure?: { code: string; message: string } }

const ORIGIN = 'app://plumb'

function event(url = `${ORIGIN}/index.html`): Sender & { own: unknown } {
  const frame = { url }
  const contents = { mainFrame: frame }
  return { sender: contents, senderFrame: frame, own: contents } as unknown as Sender & { own: unknown }
}

function serve(some: Partial<CallHandlers> = {}, isOk: (sender: Sender) => boolean = () => true) {
  const listeners = new Map<string, Listener>()
  const handlers = new Proxy(some, {
    get: (target, name) => Reflect.get(target, name) ?? (() => undefined),
  }) as CallHandlers
  serveCalls(
    { handle: (name, listener) => void listeners.set(name, listener as unknown as Listener) },
    handlers,
    isOk,
  )
  const call = async (name: string, ...args: unknown[]): Promise<Answered> =>
    (await listeners.get(name)?.(event(), ...args)) as Answered
  return { listeners, call }
}

describe('calls of the window', () => {
  test('each have a handler, and there is no other', () => {
    expect([...serve().listeners.keys()]).toEqual(Object.keys(CALLS))
  })

  test('are answered with the value', async () => {
    const state = windowState()
    const { call } = serve({ load: () => state })
    expect(await call('load')).toEqual({ ok: true, value: state })
  })

  test('reach the handler as the schema made them', async () => {
    const renamePerson = vi.fn()
    await serve({ renamePerson }).call('renamePerson', 'me@b.c a@b.c', '  Anna ')
    expect(renamePerson).toHaveBeenCalledWith('me@b.c a@b.c', 'Anna')
  })

  test.each<[string, string, unknown[]]>([
    ['none where one is needed', 'acceptOffer', []],
    ['one too many', 'acceptOffer', ['a', 'b']],
    ['another kind', 'acceptOffer', [{ id: 'a' }]],
    ['an empty one', 'acceptOffer', ['']],
    ['an endless one', 'sendMessage', ['me@b.c a@b.c', 'x'.repeat(70_000)]],
    ['an address that is none', 'sendMessage', ['a b c', 'x']],
    ['an address without ours', 'sendMessage', ['a@b.c', 'x']],
    ['a setting that there is not', 'changeSettings', [{ downloadFolder: '/etc' }]],
    ['a port of the system', 'changeSettings', [{ port: 22 }]],
    ['a link that runs something', 'openLink', ['javascript:alert(1)']],
    ['a link to a file', 'openLink', ['file:///etc/passwd']],
    ['a page on the web as a link to somebody', 'followLink', ['https://example.org/']],
    ['a picture that is too large', 'sendPicture', ['me@b.c a@b.c', new Uint8Array(52_428_801), 'image/png']],
    ['a picture of a kind that runs', 'sendPicture', ['me@b.c a@b.c', new Uint8Array(1), 'image/svg+xml']],
    ['a picture that is a text', 'sendPicture', ['me@b.c a@b.c', 'aGVsbG8=', 'image/png']],
    ['a thousand files too many', 'sendDropped', ['me@b.c a@b.c', Array.from({ length: 1_002 }, () => '/a')]],
    ['more of a conversation than fits', 'readConversation', ['me@b.c a@b.c', { kind: 'newest' }, 1_000_000]],
  ])('with %s are refused, and the handler is not reached', async (_, name, args) => {
    const reached = vi.fn()
    const { call } = serve({ [name]: reached })
    const answer = await call(name, ...args)
    expect(answer).toMatchObject({ ok: false, failure: { code: 'invalid-argument' } })
    expect(reached).not.toHaveBeenCalled()
  })

  test('with a link to somebody reach the handler', async () => {
    const followLink = vi.fn()
    await serve({ followLink }).call('followLink', 'xmpp:anna@example.org?message')
    expect(followLink).toHaveBeenCalledWith('xmpp:anna@example.org?message')
  })

  test('of a page that is not ours are refused, and the handler is not reached', async () => {
    const load = vi.fn()
    const answer = await serve({ load }, () => false).call('load')
    expect(answer).toMatchObject({ ok: false, failure: { code: 'not-allowed' } })
    expect(load).not.toHaveBeenCalled()
  })

  test('that fail are answered with the code and the sentence', async () => {
    const acceptOffer = () => {
      throw new Failure('disk-full', 'There is no room.', { cause: new Error('/secret/path') })
    }
    const answer = await serve({ acceptOffer }).call('acceptOffer', 'a')
    expect(answer).toEqual({ ok: false, failure: { code: 'disk-full', message: 'There is no room.' } })
  })

  test.each([
    ['an error', Object.assign(new Error("EACCES: mkdir '/home/alice/secret'"), { stack: 'stack' })],
    ['a string', 'x'],
    ['nothing', undefined],
  ])('that throw %s are a bug, and the program goes on', async (_, thrown) => {
    const acceptOffer = () => {
      throw thrown
    }
    const answer = await serve({ acceptOffer }).call('acceptOffer', 'a')
    expect(answer).toMatchObject({ ok: false, failure: { code: 'bug' } })
    expect(JSON.stringify(answer)).not.toContain('secret')
  })

  test('whose result breaks the contract leak nothing', async () => {
    const load = () => ({ ...windowState(), password: 'secret' })
    const answer = await serve({ load }).call('load')
    expect(answer).toMatchObject({ ok: false, failure: { code: 'bug' } })
    expect(JSON.stringify(answer)).not.toContain('secret')
  })
})

describe('a sender is trusted', () => {
  const trusts = (sender: Sender, own: unknown): boolean => isTrusted(sender, () => own, ORIGIN)

  test('when it is the top frame of our window, with a page of ours', () => {
    const sender = event()
    expect(trusts(sender, sender.own)).toBe(true)
  })

  test.each([
    'https://evil.test/',
    'app://evil/index.html',
    'file:///index.html',
    'data:text/html,x',
    '',
    'app:plumb',
  ])('but not with the page %s', url => {
    const sender = event(url)
    expect(trusts(sender, sender.own)).toBe(false)
  })

  test('but not from a frame inside, another window, or a frame that is gone', () => {
    const sender = event()
    const inside = { ...sender, senderFrame: { url: `${ORIGIN}/index.html` } } as unknown as Sender
    expect(trusts(inside, sender.own)).toBe(false)
    expect(trusts(sender, event().own)).toBe(false)
    expect(trusts({ ...sender, senderFrame: null }, sender.own)).toBe(false)
  })
})

describe('an event', () => {
  const create = (isDestroyed = false) => {
    const send = vi.fn()
    return { send, contents: { isDestroyed: () => isDestroyed, send } }
  }

  test('reaches the window with its number', () => {
    const { send, contents } = create()
    pushEvent(contents, 'noticesChanged', [{ id: 'a', text: 'b' }], 7)
    expect(send).toHaveBeenCalledWith('plumb-event', {
      sequence: 7,
      name: 'noticesChanged',
      value: [{ id: 'a', text: 'b' }],
    })
  })

  test('goes nowhere where there is no window', () => {
    const { send, contents } = create(true)
    pushEvent(contents, 'noticesChanged', [], 1)
    pushEvent(undefined, 'noticesChanged', [], 1)
    expect(send).not.toHaveBeenCalled()
  })

  test('that breaks the contract is not sent', () => {
    const { send, contents } = create()
    const value = [{ id: 'a', text: 'b', path: '/secret' }]
    const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
    pushEvent(contents, 'noticesChanged', value, 1)
    expect(told).toHaveBeenCalledWith('bug: the event noticesChanged breaks the contract\n')
    told.mockRestore()
    expect(send).not.toHaveBeenCalled()
  })
})
