import { describe, expect, test } from 'vitest'
import { readCarbon, writeEnableCarbons } from '../../main/xmpp/xep-0280.ts'
import { parseXml } from './xml.ts'

const CARBONS = 'urn:xmpp:carbons:2'
const ROMEO = 'romeo@montague.example'

test('they are switched on as in the XEP’s example', () => {
  expect(writeEnableCarbons().toString()).toBe(`<enable xmlns="${CARBONS}"/>`)
})

const message =
  "<message xmlns='jabber:client' from='juliet@capulet.example/balcony'><body>x</body></message>"
const forwarded = (content = message): string =>
  `<forwarded xmlns='urn:xmpp:forward:0'>${content}</forwarded>`
const copy = (name: string, content = forwarded()): string =>
  `<${name} xmlns='${CARBONS}'>${content}</${name}>`
const read = (content: string, from = `from='${ROMEO}'`) =>
  readCarbon(parseXml(`<message ${from} to='${ROMEO}/home' type='chat'>${content}</message>`), ROMEO)

describe('a copy', () => {
  test.each([
    ['received', false],
    ['sent', true],
  ])('of what was %s', (name, sent) => {
    const carbon = read(copy(name))
    expect(carbon).toMatchObject({ sent, at: undefined })
    expect(typeof carbon === 'object' ? carbon.message.getChildText('body') : carbon).toBe('x')
  })

  test('has the time of our server', () => {
    const delay = "<delay xmlns='urn:xmpp:delay' stamp='2010-07-10T23:08:25Z'/>"
    expect(read(copy('sent', forwarded(delay + message)))).toMatchObject({
      at: new Date('2010-07-10T23:08:25Z'),
    })
  })

  test('is one with any spelling of our address', () => {
    expect(read(copy('sent'), "from='Romeo@Montague.example'")).toMatchObject({ sent: true })
  })

  test.each([
    ['a contact', "from='tybalt@capulet.example/home'"],
    ['a contact’s account', "from='tybalt@capulet.example'"],
    ['our server', "from='montague.example'"],
    ['another device of ours', `from='${ROMEO}/garden'`],
    ['this device', `from='${ROMEO}/home'`],
    ['an address that begins like ours', `from='${ROMEO}.evil.test'`],
    ['an address that ends like ours', `from='x${ROMEO}'`],
    ['nobody', ''],
    ['an empty address', "from=''"],
    ['what is no address', "from='@'"],
  ])('by %s is forged', (_, from) => {
    expect(read(copy('received'), from)).toBe('forged')
    expect(read(copy('sent'), from)).toBe('forged')
  })

  test.each([
    ['in both directions', copy('sent') + copy('received')],
    ['that is there twice', copy('received') + copy('received')],
    ['of nothing', copy('received', '')],
    ['of two', copy('received', forwarded(message + message))],
    ['of two in two envelopes', copy('received', forwarded() + forwarded())],
    ['without an envelope', copy('received', message)],
    ['of something else', copy('received', forwarded("<iq xmlns='jabber:client'/>"))],
    ['of a message of another protocol', copy('received', forwarded("<message xmlns='urn:x'/>"))],
    ['of a message of no protocol', copy('received', forwarded('<message/>'))],
    ['in an envelope of another kind', copy('received', `<forwarded xmlns='urn:x'>${message}</forwarded>`)],
  ])('%s is forged', (_, content) => {
    expect(read(content)).toBe('forged')
  })

  test.each([
    ['a message', '<body>x</body>'],
    ['one that nobody else gets', `<body>x</body><private xmlns='${CARBONS}'/>`],
    ['another version', copy('received').replaceAll(CARBONS, 'urn:xmpp:carbons:1')],
    ['one inside of something else', `<x xmlns='urn:x'>${copy('received')}</x>`],
    ['a message that is forwarded by a person', forwarded()],
  ])('is not %s', (_, content) => {
    expect(read(content)).toBeUndefined()
  })
})
