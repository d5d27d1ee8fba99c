import { readFileSync } from 'node:fs'
import type { Page } from '@playwright/test'
import type { Answer, CallName, CallResult } from '../../shared/ipc/calls.ts'
import type { Message, SearchResult } from '../../shared/model/message.ts'
import type { Person } from '../../shared/model/person.ts'
import { personId } from '../../shared/model/person-id.ts'
import type { Reach } from '../../shared/model/reach.ts'
import type { AccountForm, FormField } from '../../shared/model/registration.ts'
import { DEFAULT_SETTINGS } from '../../shared/model/settings.ts'
import type { RouteAttempt, SendAnswer, ShownTransfer } from '../../shared/model/shown-transfer.ts'
import type { UpdateState } from '../../shared/model/update.ts'
import type { WindowState } from '../../shared/model/window-state.ts'
import type { LanguageTag } from '../../shared/words/language.ts'
import {
  DAY,
  ME,
  MINUTE,
  message,
  NOW,
  of,
  offer,
  person,
  RECEIPT,
  reach,
  SELF,
  SIGNED_IN,
  transfer,
  windowState,
} from '../renderer/factories.ts'
import { pastePicture } from '../support/paste-picture.ts'
import { paintedPng } from '../support/pictures.ts'
import { row } from './open-screen.ts'
import { TRANSLATED_SCREENS } from './translated.ts'

/** One picture: what the main process tells, and what the person does then. */
export interface Screen {
  readonly name: string
  readonly state: WindowState
  /** What the window speaks; English otherwise. */
  readonly language?: LanguageTag
  readonly messages?: readonly Message[]
  /** What becomes of files that are chosen. */
  readonly choosing?: SendAnswer
  /** What is found about how others reach this computer; without it the answer does not come. */
  readonly reach?: Answer<Reach>
  /** What a search finds. */
  readonly found?: SearchResult
  /** How other calls are answered, by their names; otherwise with nothing. */
  readonly answers?: { readonly [N in CallName]?: Answer<CallResult<N>> }
  /** Pixels; a usual window otherwise. */
  readonly size?: { readonly width: number; readonly height: number }
  readonly act?: (page: Page) => Promise<void>
}

const ANNA = person({
  address: 'anna@example.org',
  name: 'Anna Lindqvist',
  devices: [
    { address: 'anna@example.org/Laptop', availability: 'online', direct: true },
    { address: 'anna@example.org/Phone', availability: 'away', direct: false },
  ],
  last: { kind: 'file', direction: 'in', text: 'Site survey, raw footage.mov', at: NOW },
})
/** No device of theirs is there. */
const GONE: Pick<Person, 'availability' | 'devices'> = { availability: 'offline', devices: [] }
const PEOPLE = [
  ANNA,
  person({
    address: 'maya@studio.example',
    name: 'Maya Bose',
    unread: 2,
    last: {
      kind: 'message',
      direction: 'in',
      text: 'Can you send me the 16-bit masters?',
      at: NOW - 27 * MINUTE,
    },
  }),
  person({
    address: 'tomas@example.org',
    name: 'Tomás Oliveira',
    availability: 'away',
    last: { kind: 'file', direction: 'out', text: 'contract_v7_final.pdf', at: NOW - 160 * MINUTE },
  }),
  person({
    address: 'noor@example.org',
    name: 'Noor Rahman',
    availability: 'offline',
    last: { kind: 'message', direction: 'out', text: 'The draft is with you tomorrow', at: NOW - DAY },
  }),
  person({
    address: 'elif@example.org',
    name: 'Elif Hakan',
    availability: 'offline',
    last: { kind: 'message', direction: 'in', text: 'Thanks, all 4,212 photos arrived', at: NOW - 3 * DAY },
  }),
  person({ address: 'ben@example.org', name: 'Ben Okafor', availability: 'busy' }),
  person({
    address: 'kim@example.org',
    name: 'Kim',
    availability: 'offline',
    subscription: 'none',
    asked: true,
  }),
]

const RUNNING = transfer({
  id: 'survey',
  name: 'Site survey, raw footage.mov',
  state: { kind: 'moving', bytes: 7_400_000_000, bytesPerSecond: 109_000_000, secondsLeft: 50 },
  receipt: RECEIPT,
  canPause: true,
})
const ATTEMPTS: RouteAttempt[] = [
  {
    method: 'dtcp',
    code: 'unreachable',
    message:
      'Neither computer could reach the other: both are behind routers. Switch on UPnP in one of the two routers, or forward a port there.',
  },
  {
    method: 'socks5',
    code: 'timed-out',
    message: 'proxy.example.org did not answer within 5 seconds: ask its operator.',
  },
]
const TRANSFERS = [
  transfer({
    id: 'contract',
    name: 'contract_v7_final.pdf',
    person: of('tomas@example.org'),
    direction: 'out',
    size: 2_300_000,
    at: NOW - 160 * MINUTE,
    state: { kind: 'done', at: NOW - 160 * MINUTE, seconds: 1.4, sha256: '' },
    receipt: RECEIPT,
    hasFile: true,
  }),
  transfer({
    id: 'scan',
    name: 'scan_0412.tiff',
    person: of('tomas@example.org'),
    direction: 'out',
    size: 860_000_000,
    at: NOW - 200 * MINUTE,
    state: {
      kind: 'failed',
      at: NOW - 200 * MINUTE,
      bytes: 0,
      failure: {
        code: 'offer-refused',
        message: 'The contact’s computer cannot take the file: ask them about their disk space and folder.',
      },
    },
    canRetry: true,
    hasFile: true,
  }),
  transfer({
    id: 'masters',
    name: 'Masters 16-bit',
    person: of('maya@studio.example'),
    direction: 'out',
    size: 38_000_000_000,
    files: 34,
    at: NOW - 5 * MINUTE,
    state: { kind: 'moving', bytes: 4_600_000_000, bytesPerSecond: 131_000_000, secondsLeft: 255 },
    receipt: { ...RECEIPT, method: 'socks5', network: 'internet', relay: 'proxy' },
    attempts: ATTEMPTS.slice(0, 1),
    canPause: true,
    hasFile: true,
  }),
  transfer({
    id: 'thesis',
    name: 'Thesis, draft 9.pdf',
    person: of('noor@example.org'),
    direction: 'out',
    size: 8_100_000,
    at: NOW - 2 * MINUTE,
    state: { kind: 'waiting' },
    hasFile: true,
  }),
  RUNNING,
]
const TALK: readonly Message[] = [
  message({ id: 'm0', text: 'See you at the site tomorrow?', direction: 'out', at: NOW - DAY }),
  message({ id: 'm1', text: 'The drone flight is done, about 40 GB all in all.', at: NOW - 12 * MINUTE }),
  message({ id: 'm2', text: 'Cutting it down now, the first part is ready.', at: NOW - 12 * MINUTE + 1000 }),
  message({
    id: 'm3',
    direction: 'out',
    text: 'Perfect. Send it over whenever, I’m in the office until six. Notes: https://example.org/survey',
    at: NOW - 8 * MINUTE,
  }),
]
const FULL = windowState({ people: PEOPLE, transfers: TRANSFERS })
const OFFER = offer({ transfer: 'grades', name: 'Reference grades.zip' })

const openAnna = async (page: Page): Promise<void> => {
  await row(page, 'Anna Lindqvist').click()
  // The list of messages measures itself first.
  await page
    .getByRole('region', { name: /^Messages/ })
    .getByText(/./)
    .last()
    .waitFor()
}
/** Her conversation, and the button for files: what comes then, `choosing` says. */
const chooseForAnna = async (page: Page): Promise<void> => {
  await openAnna(page)
  await page.getByRole('button', { name: 'Send files' }).click()
}
const FOUND: SearchResult = {
  messages: [
    message({
      id: 'f1',
      person: of('maya@studio.example'),
      text: 'Can you send me the 16-bit masters?',
      at: NOW - 27 * MINUTE,
    }),
    ...TALK.slice(2, 3),
    message({
      id: 'f2',
      person: of('tomas@example.org'),
      direction: 'out',
      text: `${'There is much to be said of it. '.repeat(9)}At the end the mastering has to be done again.`,
      at: NOW - 30 * DAY,
    }),
  ],
  transfers: [TRANSFERS[2], TRANSFERS[0]].flatMap(each => each ?? []),
}
const search = async (page: Page, text: string): Promise<void> => {
  await page.getByRole('searchbox').fill(text)
  await page.getByRole('heading', { name: 'Messages' }).waitFor()
}
/** Of the menu, with the dialog that it opens, which is read with its first. */
const openMenu = async (page: Page, item: string): Promise<void> => {
  await page.getByRole('button', { name: 'Menu' }).click()
  await page.getByRole('menuitem', { name: item, exact: true }).click()
  await page.getByRole('dialog').waitFor()
}

const checkReach = async (page: Page): Promise<void> => {
  await openMenu(page, 'Settings')
  const section = page.getByRole('region', { name: 'How others reach this computer' })
  await section.getByRole('button', { name: 'Check' }).click()
  await section.getByText(/^Looking|^Nothing is|^Files arrive|^You are not/).waitFor()
  await section.evaluate(element => element.scrollIntoView({ block: 'start' }))
}
/** The last section of the settings but one, at their end. */
const showUpdates = async (page: Page): Promise<void> => {
  await openMenu(page, 'Settings')
  await page.getByRole('region', { name: 'About' }).scrollIntoViewIfNeeded()
}
/** A full window, with its updates so. */
const updating = (update: UpdateState): WindowState => ({ ...FULL, update })
const SMALL = { width: 900, height: 600 }
const NOT_REACHED: Answer<Reach> = {
  ok: true,
  value: reach({
    addresses: [
      { address: '192.168.178.24', kind: 'local', told: true },
      { address: 'fd00::24', kind: 'local', told: false },
      { address: '10.8.0.2', kind: 'virtual', told: true },
    ],
    mapping: { kind: 'none', message: 'The router answers neither UPnP nor NAT-PMP.' },
    proxy: null,
    advice: [
      'Switch on UPnP or NAT-PMP in the settings of the router, so that others can reach this computer.',
      'Or choose a fixed port above, and have the router forward it to 192.168.178.24.',
    ],
  }),
}
const LOST = {
  code: 'connection-lost' as const,
  message: 'Anna Lindqvist’s computer went off the network.',
}
const NO_WAY = {
  code: 'unreachable' as const,
  message:
    'Neither computer could reach the other: check both firewalls, or let one side open a port in its settings.',
}
/** Files that wait, and that were begun and do not move. */
const RESTING = windowState({
  people: PEOPLE.map(someone =>
    someone === ANNA ? { ...ANNA, availability: 'offline', devices: [] } : someone,
  ),
  transfers: [
    transfer({
      id: 'r1',
      name: 'Thesis, draft 9.pdf',
      person: of('anna@example.org'),
      direction: 'out',
      size: 8_100_000,
      at: NOW - 6 * MINUTE,
      state: { kind: 'waiting' },
      hasFile: true,
    }),
    transfer({
      id: 'r2',
      name: 'Photos Cappadocia',
      direction: 'out',
      files: 4_212,
      size: 31_600_000_000,
      at: NOW - 5 * MINUTE,
      state: { kind: 'interrupted', bytes: 13_600_000_000, failure: LOST },
      attempts: ATTEMPTS,
      hasFile: true,
    }),
    transfer({
      id: 'r3',
      name: 'backup.tar',
      size: null,
      at: NOW - 4 * MINUTE,
      state: { kind: 'interrupted', bytes: 1_200_000_000, failure: { code: 'disk-full', message: '' } },
    }),
    transfer({
      id: 'r4',
      name: 'Site survey.mov',
      at: NOW - 3 * MINUTE,
      state: { kind: 'paused', bytes: 5_500_000_000, by: 'us' },
    }),
    transfer({
      id: 'r5',
      name: 'Masters.wav',
      direction: 'out',
      at: NOW - 2 * MINUTE,
      state: { kind: 'paused', bytes: 1_500_000_000, by: 'them' },
      hasFile: true,
    }),
    transfer({
      id: 'r6',
      name: 'Interviews',
      person: of('maya@studio.example'),
      files: 1,
      size: 420_000_000,
      at: NOW - MINUTE,
      state: { kind: 'interrupted', bytes: 0, failure: NO_WAY },
      attempts: ATTEMPTS,
    }),
  ],
})
/** The ways that bytes can take, and what is said of them. */
const ROUTES = windowState({
  people: PEOPLE,
  transfers: [
    transfer({
      id: 'p1',
      name: 'Photos Cappadocia',
      direction: 'out',
      files: 4_212,
      size: 31_600_000_000,
      at: NOW - 7 * MINUTE,
      state: { kind: 'done', at: NOW - 7 * MINUTE, seconds: 302, sha256: '' },
      receipt: { ...RECEIPT, method: 'socks5' },
      attempts: ATTEMPTS.slice(0, 1),
      resumedFrom: 1_200_000_000,
      hasFile: true,
    }),
    transfer({
      id: 'p2',
      name: 'notes.txt',
      direction: 'out',
      size: 12_000,
      at: NOW - 6 * MINUTE,
      state: { kind: 'done', at: NOW - 6 * MINUTE, seconds: 0.2, sha256: '' },
      resumedFrom: 12_000,
      hasFile: true,
    }),
    transfer({
      id: 'p3',
      name: 'Site survey.mov',
      at: NOW - 5 * MINUTE,
      state: { kind: 'moving', bytes: 1_500_000_000, bytesPerSecond: 31_000_000, secondsLeft: 365 },
      receipt: { ...RECEIPT, network: 'internet', method: 'socks5', relay: 'proxy' },
      attempts: ATTEMPTS.slice(0, 1),
      restarted: true,
      canPause: true,
    }),
    transfer({
      id: 'p4',
      name: 'backup.tar',
      size: null,
      at: NOW - 4 * MINUTE,
      state: { kind: 'moving', bytes: 7_400_000, bytesPerSecond: 190_000, secondsLeft: null },
      receipt: {
        ...RECEIPT,
        network: 'internet',
        method: 'ibb',
        relay: 'server',
        encrypted: false,
        verified: false,
        code: null,
      },
      attempts: ATTEMPTS,
      canPause: false,
    }),
    transfer({
      id: 'p5',
      name: 'invoice.pdf',
      direction: 'out',
      size: 200_000,
      at: NOW - 3 * MINUTE,
      state: {
        kind: 'failed',
        at: NOW - 3 * MINUTE,
        bytes: 0,
        failure: {
          code: 'unreachable',
          message: 'No way to their computer was found: see what was tried, and what would help.',
        },
      },
      attempts: ATTEMPTS,
      canRetry: true,
      hasFile: true,
    }),
  ],
})

/** SHA-1s of pictures, whose last byte chooses what the server of this window paints. */
const faceOf = (shade: string): string => shade.padStart(40, '0')
/** With pictures, statuses and groups; Maya is blocked. */
const WITH_FACES = windowState({
  people: PEOPLE.map(someone => {
    switch (someone.name) {
      case 'Anna Lindqvist':
        return {
          ...someone,
          picture: faceOf('3c'),
          groups: ['Friends', 'Rowing'],
          status: 'At the site until six',
        }
      case 'Maya Bose':
        return { ...someone, picture: faceOf('f0'), groups: ['Work'], blocked: true, ...GONE }
      case 'Tomás Oliveira':
        return {
          ...someone,
          picture: faceOf('90'),
          groups: ['Work'],
          status: 'Back on Monday; until then ask Ben, who knows where everything is and has the keys, too',
          idleSince: NOW - 47 * MINUTE,
        }
      case 'Ben Okafor':
        return { ...someone, groups: ['Rowing'], status: 'In a meeting' }
      case 'Elif Hakan':
        return { ...someone, picture: faceOf('d2') }
      default:
        return someone
    }
  }),
  selves: [
    {
      ...SELF,
      nick: 'Jonas Weber',
      picture: faceOf('b4'),
      status: { show: 'busy', text: 'In a meeting' },
      blocked: ['maya@studio.example', 'spam.example', 'eve@example.org/phone'],
    },
  ],
  transfers: TRANSFERS.filter(({ person: who }) => who !== of('maya@studio.example')),
})

const picture = (id: string, more: Partial<ShownTransfer>): ShownTransfer =>
  transfer({
    id,
    name: `${id}.png`,
    size: 1_900_000,
    state: { kind: 'done', at: NOW, seconds: 0.4, sha256: '' },
    receipt: RECEIPT,
    hasFile: true,
    picture: { width: 800, height: 600 },
    ...more,
  })
/** Pictures in a conversation: one that was received, one that was sent, an icon, and one that is gone. */
const PICTURES = windowState({
  people: PEOPLE,
  transfers: [
    picture('gone', { at: NOW - 9 * MINUTE }),
    picture('field', { at: NOW - 8 * MINUTE }),
    picture('tall', { direction: 'out', at: NOW - 7 * MINUTE, picture: { width: 600, height: 3_000 } }),
    picture('icon', { at: NOW - 6 * MINUTE, picture: { width: 12, height: 12 } }),
  ],
})
const STRANGER = person({ address: 'someone@far.example', inContacts: false, subscription: 'none' })

/** One account that is connected, one that is not yet, and one that was signed out. */
const SEVERAL = {
  ...FULL,
  accounts: [
    SIGNED_IN,
    { ...SIGNED_IN, address: 'j.weber@studio.example', connection: 'connecting' as const },
    { kind: 'signed-out' as const, address: 'old@elsewhere.example', server: null, failure: null },
  ],
}
/** Letters in a picture: “k4tz”, with a line through them. */
const LETTERS = `data:image/png;base64,${readFileSync(new URL('letters.png', import.meta.url)).toString('base64')}`
const question = (more: Partial<FormField> & Pick<FormField, 'name' | 'type'>): FormField => ({
  label: '',
  description: '',
  required: true,
  values: [],
  options: [],
  pictures: [],
  ...more,
})
const REGISTRATION: AccountForm = {
  title: '',
  instructions: 'Choose a username and password for use with this service.',
  fields: [
    question({ name: 'username', type: 'text-single' }),
    question({ name: 'password', type: 'text-private' }),
  ],
  pictures: [],
}
/** With a question of each kind. */
const LONG_FORM: AccountForm = {
  title: 'Join example.org',
  instructions: 'Please fill in all of it.\nWhoever reads it is one of us.',
  fields: [
    ...REGISTRATION.fields,
    question({ name: 'email', type: 'text-single', required: false, description: 'For when you forget it.' }),
    question({ name: '', type: 'fixed', required: false, values: ['The rest is for statistics.'] }),
    question({
      name: 'lang',
      type: 'list-single',
      label: 'Language',
      options: [
        { value: 'en', label: 'English' },
        { value: 'de', label: 'Deutsch' },
      ],
    }),
    question({
      name: 'topics',
      type: 'list-multi',
      label: 'Topics',
      values: ['news'],
      options: [
        { value: 'news', label: 'News' },
        { value: 'contests', label: 'Contests' },
      ],
    }),
    question({ name: 'about', type: 'text-multi', label: 'About you', required: false }),
    question({ name: 'rules', type: 'boolean', label: 'I have read the rules' }),
    question({ name: 'ocr', type: 'text-single', label: 'Enter the text you see', pictures: [0] }),
  ],
  pictures: [LETTERS],
}
const BEGINNING = windowState({ accounts: [] })
/** To the questions of the server. */
const createAt = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Create an account…' }).click()
  await page.getByLabel('Where').fill('example.org')
  await page.getByRole('button', { name: 'Continue' }).click()
}
const openAccount = (page: Page): Promise<void> => openMenu(page, 'Account…')
const typeAddress = async (page: Page): Promise<void> => {
  await openAccount(page)
  await page.getByRole('button', { name: 'Delete…' }).click()
  await page.getByRole('button', { name: 'Go on…' }).click()
}

/** Every screen and state that there is. */
export const SCREENS: readonly Screen[] = [
  {
    name: 'sign-in',
    state: windowState({ accounts: [] }),
  },
  {
    name: 'sign-in-wrong-password',
    state: windowState({
      accounts: [
        {
          kind: 'signed-out',
          address: ME,
          server: null,
          failure: {
            code: 'wrong-password',
            message: 'example.org does not accept this address and password: check both.',
          },
        },
      ],
    }),
  },
  {
    name: 'sign-in-certificate',
    state: windowState({
      app: { version: '0.1.0', platform: 'linux', hasKeyring: false, languages: ['en-GB'] },
      accounts: [
        {
          kind: 'signed-out',
          address: ME,
          server: { host: 'xmpp.example.org', port: 5222 },
          failure: {
            code: 'certificate-not-trusted',
            message:
              'The certificate of example.org has expired, so nothing was sent: ask its operator to renew it.',
          },
        },
      ],
    }),
  },
  {
    name: 'signing-in',
    state: windowState({
      accounts: [{ kind: 'signing-in', address: ME, server: null }],
    }),
  },
  {
    name: 'create-account',
    state: BEGINNING,
    act: page => page.getByRole('button', { name: 'Create an account…' }).click(),
  },
  {
    name: 'create-account-nowhere',
    state: BEGINNING,
    answers: { openRegistration: { ok: true, value: { kind: 'closed' } } },
    act: createAt,
  },
  {
    name: 'create-account-elsewhere',
    state: BEGINNING,
    answers: {
      openRegistration: {
        ok: true,
        value: {
          kind: 'elsewhere',
          url: 'https://example.org/join',
          instructions: 'Members of the association get an account at the web page.',
        },
      },
    },
    act: createAt,
  },
  {
    name: 'create-account-fields',
    state: BEGINNING,
    answers: { openRegistration: { ok: true, value: { kind: 'form', form: REGISTRATION } } },
    act: createAt,
  },
  {
    name: 'create-account-name-taken',
    state: BEGINNING,
    answers: {
      openRegistration: { ok: true, value: { kind: 'form', form: REGISTRATION } },
      submitRegistration: {
        ok: true,
        value: {
          kind: 'refused',
          failure: {
            code: 'name-taken',
            message: '“jonas” is taken at example.org: choose another name.',
          },
          field: 'username',
          offer: null,
        },
      },
    },
    act: async page => {
      await createAt(page)
      await page.getByLabel('Name').fill('jonas')
      await page.getByLabel('Password').fill('correct horse')
      await page.getByRole('button', { name: 'Show what was typed' }).click()
      await page.getByRole('button', { name: 'Create the account' }).click()
    },
  },
  {
    name: 'create-account-long-form',
    state: BEGINNING,
    size: { width: 900, height: 1400 },
    answers: { openRegistration: { ok: true, value: { kind: 'form', form: LONG_FORM } } },
    act: async page => {
      await createAt(page)
      await page.getByRole('button', { name: 'Create the account' }).click()
    },
  },
  {
    name: 'connecting-again',
    state: {
      ...FULL,
      accounts: [
        {
          ...SIGNED_IN,
          connection: 'connecting',
          trouble: {
            code: 'server-unreachable',
            message: 'Nothing answers at example.org: check the network connection.',
          },
        },
      ],
    },
    messages: TALK,
    act: openAnna,
  },
  { name: 'nobody-yet', state: windowState() },
  { name: 'nobody-chosen', state: FULL },
  { name: 'conversation', state: FULL, messages: TALK, act: openAnna },
  {
    name: 'conversation-small-window',
    state: FULL,
    messages: TALK,
    size: { width: 900, height: 600 },
    act: openAnna,
  },
  {
    name: 'conversation-small-window-with-transfers',
    state: FULL,
    messages: TALK,
    size: { width: 900, height: 600 },
    act: async page => {
      await openAnna(page)
      await page.getByRole('button', { name: 'Transfers' }).click()
    },
  },
  {
    name: 'conversation-large-window',
    state: FULL,
    messages: TALK,
    size: { width: 1800, height: 1100 },
    act: openAnna,
  },
  {
    name: 'conversation-edited-and-waiting',
    state: {
      ...windowState({ people: PEOPLE }),
      accounts: [{ ...SIGNED_IN, connection: 'reconnecting' }],
    },
    messages: [
      ...TALK.slice(0, 3),
      message({ id: 'e1', text: 'The first part is ready: 12.8 GB.', at: NOW - 9 * MINUTE, edited: true }),
      message({
        id: 'e2',
        direction: 'out',
        text: 'Perfect',
        state: 'displayed',
        at: NOW - 8 * MINUTE,
        edited: true,
      }),
      message({ id: 'e3', direction: 'out', text: 'Send it over whenever', state: 'sending', at: NOW }),
    ],
    act: openAnna,
  },
  {
    name: 'conversation-unread',
    state: windowState({ people: [{ ...ANNA, unread: 2 }, ...PEOPLE.slice(1)] }),
    messages: [
      ...TALK,
      message({ id: 'n1', text: 'It is on its way.', at: NOW - 2 * MINUTE }),
      message({ id: 'n2', text: 'The second part comes in the evening.', at: NOW - MINUTE }),
    ],
    act: openAnna,
  },
  {
    name: 'conversation-typing',
    state: windowState({
      people: PEOPLE.map(someone => ({
        ...someone,
        typing: someone === ANNA || someone.name === 'Tomás Oliveira',
      })),
    }),
    messages: TALK,
    act: openAnna,
  },
  {
    name: 'correcting',
    state: windowState({ people: PEOPLE }),
    messages: TALK,
    act: async page => {
      await openAnna(page)
      await page.getByRole('textbox', { name: 'Message Anna Lindqvist' }).press('ArrowUp')
    },
  },
  {
    name: 'correction-under-way',
    state: windowState({ people: PEOPLE }),
    messages: TALK,
    act: async page => {
      await openAnna(page)
      const field = page.getByRole('textbox', { name: 'Message Anna Lindqvist' })
      await field.press('ArrowUp')
      await field.fill('Perfect. Send it over whenever.')
      await field.press('Enter')
    },
  },
  {
    name: 'message-menu',
    state: windowState({ people: PEOPLE }),
    messages: TALK,
    act: async page => {
      await openAnna(page)
      await page.getByText('Perfect. Send it over').click({ button: 'right' })
      await page.getByRole('menuitem', { name: 'Edit' }).waitFor()
    },
  },
  {
    name: 'emoji',
    state: windowState({
      people: PEOPLE,
      settings: { ...DEFAULT_SETTINGS, recentEmoji: ['👍', '🎉'] },
    }),
    messages: TALK,
    act: async page => {
      await openAnna(page)
      await page.getByRole('button', { name: 'Emoji', expanded: false }).click()
      await page.getByRole('searchbox', { name: 'Search emoji' }).waitFor()
    },
  },
  {
    name: 'search-everything',
    state: FULL,
    messages: TALK,
    found: FOUND,
    act: async page => {
      await openAnna(page)
      await search(page, 'mas')
    },
  },
  {
    name: 'search-and-there-it-is',
    state: FULL,
    messages: TALK,
    found: FOUND,
    act: async page => {
      await search(page, 'part')
      await page
        .getByRole('navigation')
        .getByRole('button', { name: /Cutting it down/ })
        .click()
      await page
        .getByRole('region', { name: /^Messages/ })
        .getByText('Cutting it down')
        .waitFor()
    },
  },
  {
    name: 'search-finds-nothing',
    state: FULL,
    act: async page => {
      await page.getByRole('searchbox').fill('qqq')
      await page.getByText('Nothing was found.', { exact: true }).first().waitFor()
    },
  },
  {
    name: 'search-with-several-accounts',
    state: {
      ...FULL,
      accounts: [SIGNED_IN, { ...SIGNED_IN, address: 'jonas@studio.example' }],
    },
    found: FOUND,
    act: page => search(page, 'mas'),
  },
  {
    name: 'people-of-several-accounts',
    state: {
      ...FULL,
      people: [
        ...PEOPLE,
        person({
          id: personId('j.lind@studio.example', 'maximiliane@studio.example'),
          address: 'maximiliane@studio.example',
          name: 'Maximiliane Wolfeschlegelsteinhausen',
          last: { kind: 'message', direction: 'in', text: 'Hello', at: NOW },
        }),
      ],
      accounts: [SIGNED_IN, { ...SIGNED_IN, address: 'j.lind@studio.example' }],
    },
    messages: TALK,
    act: openAnna,
  },
  { name: 'conversation-empty', state: FULL, act: page => row(page, 'Ben Okafor').click() },
  {
    name: 'message-failed',
    state: windowState({ people: PEOPLE }),
    messages: [
      ...TALK,
      message({
        id: 'm4',
        direction: 'out',
        text: 'Got it, looks great',
        state: 'failed',
        failure: 'The connection to the server was lost before it confirmed this: try again.',
      }),
      message({ id: 'm5', direction: 'out', text: 'One more thing', state: 'sending', at: NOW + 1000 }),
    ],
    act: openAnna,
  },
  {
    name: 'prompt',
    state: { ...FULL, offers: [OFFER, offer({ transfer: 'second', name: 'LUTs.cube' })] },
    messages: TALK,
    act: openAnna,
  },
  {
    name: 'prompt-over-transfers',
    state: { ...FULL, offers: [OFFER] },
    messages: TALK,
    size: { width: 900, height: 600 },
    act: async page => {
      await openAnna(page)
      await page.getByRole('button', { name: 'Transfers' }).click()
      await page.getByRole('button', { name: 'Accept' }).focus()
    },
  },
  {
    name: 'prompt-does-not-fit',
    state: { ...FULL, offers: [{ ...OFFER, freeBytes: 2_888_000_000 }] },
    messages: TALK,
    act: openAnna,
  },
  {
    name: 'prompt-folder',
    state: {
      ...FULL,
      offers: [{ ...OFFER, name: 'Reference grades v1.2', files: 4_212, size: 31_600_000_000 }],
    },
    messages: TALK,
    act: openAnna,
  },
  {
    name: 'prompt-not-encrypted',
    state: { ...FULL, offers: [{ ...OFFER, size: null, encrypted: false }] },
    messages: TALK,
    act: openAnna,
  },
  {
    name: 'prompt-not-encrypted-small-window',
    state: {
      ...FULL,
      offers: [{ ...OFFER, name: 'Grades', files: 12, encrypted: false, freeBytes: 2_888_000_000 }],
    },
    messages: TALK,
    size: { width: 900, height: 600 },
    act: openAnna,
  },
  {
    name: 'strangers',
    state: {
      ...FULL,
      offers: [
        offer({
          transfer: 's1',
          name: 'x',
          person: of('eve@elsewhere.example'),
          fromContact: false,
          mustBecomeContact: true,
        }),
        offer({
          transfer: 's2',
          name: 'y',
          person: of('mallory@elsewhere.example'),
          fromContact: false,
          size: null,
        }),
      ],
    },
    act: page => page.getByRole('button', { name: /2 files from people/ }).click(),
  },
  {
    name: 'stranger-reviewed',
    state: {
      ...FULL,
      offers: [
        offer({
          transfer: 's1',
          name: 'invoice.pdf.exe',
          person: of('eve@elsewhere.example'),
          fromContact: false,
          mustBecomeContact: true,
          encrypted: false,
        }),
      ],
    },
    act: async page => {
      await page.getByRole('button', { name: /A file from somebody/ }).click()
      await page.getByRole('button', { name: 'Review' }).click()
    },
  },
  {
    name: 'request-to-be-seen',
    state: { ...FULL, requests: [{ person: of('carol@example.org') }, { person: of('dave@example.org') }] },
    messages: TALK,
    act: openAnna,
  },
  {
    name: 'reconnecting',
    state: {
      ...FULL,
      accounts: [{ ...SIGNED_IN, connection: 'reconnecting' }],
      notices: [
        {
          id: 'n',
          text: 'The settings could not be read and begin anew. The old file was kept as settings.damaged-2026-06-15.json.',
        },
      ],
    },
    messages: TALK,
    act: openAnna,
  },
  {
    name: 'several-accounts',
    state: SEVERAL,
    messages: TALK,
    act: openAnna,
  },
  {
    name: 'add-account',
    state: FULL,
    act: page => openMenu(page, 'Add an account…'),
  },
  {
    name: 'remove-account',
    state: SEVERAL,
    act: async page => {
      await page.getByRole('button', { name: 'Account old@elsewhere.example' }).click()
      await page.getByRole('menuitem', { name: 'Remove the account…' }).click()
    },
  },
  {
    name: 'add-person-of-several-accounts',
    state: SEVERAL,
    act: page => openMenu(page, 'Add a person…'),
  },
  { name: 'search-without-result', state: FULL, act: page => page.getByRole('searchbox').fill('Zoe') },
  { name: 'menu', state: FULL, act: page => page.getByRole('button', { name: 'Menu' }).click() },
  { name: 'person-menu', state: FULL, act: page => row(page, 'Maya Bose').click({ button: 'right' }) },
  {
    name: 'add-person',
    state: FULL,
    act: async page => {
      await openMenu(page, 'Add a person…')
      await page.getByLabel('Address').fill('anna')
      await page.getByRole('button', { name: 'Add', exact: true }).click()
    },
  },
  {
    name: 'contact',
    state: {
      ...FULL,
      people: PEOPLE.map(someone =>
        someone === ANNA
          ? { ...ANNA, policy: { autoAcceptBytes: 100_000_000, allowUnencrypted: false } }
          : someone,
      ),
    },
    act: async page => {
      await openAnna(page)
      await page.getByRole('button', { name: 'Contact details' }).click()
      await page.getByRole('dialog').waitFor()
    },
  },
  { name: 'people-with-pictures', state: WITH_FACES, messages: TALK, act: openAnna },
  {
    name: 'people-of-a-group',
    state: WITH_FACES,
    act: async page => {
      await page.getByRole('combobox', { name: 'Group' }).selectOption('Rowing')
    },
  },
  {
    name: 'person-away-with-status',
    state: WITH_FACES,
    act: page => row(page, 'Tomás Oliveira').click(),
  },
  { name: 'person-blocked', state: WITH_FACES, act: page => row(page, 'Maya Bose').click() },
  {
    name: 'contact-with-groups',
    state: WITH_FACES,
    act: async page => {
      await openAnna(page)
      await page.getByRole('button', { name: 'Contact details' }).click()
      await page.getByLabel('Add to a group').fill('Wo')
    },
  },
  {
    name: 'contact-blocked',
    state: WITH_FACES,
    act: async page => {
      await row(page, 'Maya Bose').click()
      await page.getByRole('button', { name: 'Contact details' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Unblock' }).scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'block-person',
    state: WITH_FACES,
    act: async page => {
      await openAnna(page)
      await page.getByRole('button', { name: 'Contact details' }).click()
      await page.getByRole('button', { name: 'Block…' }).click()
      await page.getByRole('dialog', { name: 'Block Anna Lindqvist?' }).waitFor()
    },
  },
  { name: 'blocked', state: WITH_FACES, act: page => openMenu(page, 'Blocked…') },
  { name: 'blocked-nobody', state: FULL, act: page => openMenu(page, 'Blocked…') },
  {
    name: 'own-menu',
    state: WITH_FACES,
    act: page => page.getByRole('button', { name: 'Menu' }).click(),
  },
  { name: 'profile', state: WITH_FACES, act: page => openMenu(page, 'Profile…') },
  { name: 'profile-without-picture', state: FULL, act: page => openMenu(page, 'Profile…') },
  {
    name: 'profile-refused',
    state: WITH_FACES,
    answers: {
      changeOwnName: {
        ok: false,
        failure: { code: 'not-allowed', message: 'The server does not keep names: nobody sees it.' },
      },
    },
    act: async page => {
      await openMenu(page, 'Profile…')
      await page.getByLabel('Name').fill('Jonas')
      await page.getByLabel('Name').press('Enter')
    },
  },
  { name: 'status', state: WITH_FACES, act: page => openMenu(page, 'Status message…') },
  { name: 'status-none', state: FULL, act: page => openMenu(page, 'Status message…') },
  {
    name: 'remove-person',
    state: FULL,
    act: async page => {
      await row(page, 'Maya Bose').click({ button: 'right' })
      await page.getByRole('menuitem', { name: 'Remove…' }).click()
    },
  },
  {
    name: 'contact-export',
    state: FULL,
    act: async page => {
      await openAnna(page)
      await page.getByRole('button', { name: 'Contact details' }).click()
      const write = page.getByRole('button', { name: 'Export what was said…' })
      await write.click()
      await page.getByRole('menuitem', { name: 'As text, to be read…' }).click()
      await page.getByText('It was exported.').scrollIntoViewIfNeeded()
      await write.click()
      await page.getByRole('menuitem', { name: 'As text, to be read…' }).waitFor()
    },
  },
  {
    name: 'delete-conversation',
    state: FULL,
    act: async page => {
      await openAnna(page)
      await page.getByRole('button', { name: 'Contact details' }).click()
      await page.getByRole('button', { name: 'Delete what was said…' }).click()
    },
  },
  {
    name: 'settings-chat',
    state: FULL,
    act: async page => {
      await openMenu(page, 'Settings')
      const section = page.getByRole('region', { name: 'Chat' })
      await section.evaluate(element => element.scrollIntoView({ block: 'start' }))
    },
  },
  {
    name: 'add-account-by-a-form',
    state: FULL,
    size: SMALL,
    answers: { openRegistration: { ok: true, value: { kind: 'form', form: LONG_FORM } } },
    act: async page => {
      await openMenu(page, 'Add an account…')
      await createAt(page)
    },
  },
  { name: 'account', state: FULL, act: openAccount },
  {
    name: 'account-password-refused',
    state: FULL,
    answers: {
      changePassword: {
        ok: false,
        failure: {
          code: 'registration-refused',
          message: 'example.org did not change the password. It says: “Too short”',
        },
      },
    },
    act: async page => {
      await openAccount(page)
      await page.getByLabel('New password').fill('short')
      await page.getByRole('button', { name: 'Change the password' }).click()
    },
  },
  {
    name: 'account-password-form',
    state: FULL,
    answers: {
      changePassword: {
        ok: true,
        value: {
          kind: 'form',
          form: {
            title: 'Password change',
            instructions: '',
            fields: [
              question({ name: 'username', type: 'text-single' }),
              question({ name: 'old_password', type: 'text-private', label: 'Old password' }),
              question({ name: 'password', type: 'text-private', label: 'New password' }),
            ],
            pictures: [],
          },
        },
      },
    },
    act: async page => {
      await openAccount(page)
      await page.getByLabel('New password').fill('correct horse')
      await page.getByRole('button', { name: 'Change the password' }).click()
      await page.getByLabel('Old password').waitFor()
    },
  },
  {
    name: 'delete-account',
    state: FULL,
    act: async page => {
      await openAccount(page)
      await page.getByRole('button', { name: 'Delete…' }).click()
    },
  },
  {
    name: 'delete-account-not-that-one',
    state: FULL,
    act: async page => {
      await typeAddress(page)
      await page.getByLabel(/^Type the address/).fill('jonas@example.com')
      await page.getByRole('button', { name: 'Delete for good' }).click()
    },
  },
  { name: 'settings', state: FULL, act: page => openMenu(page, 'Settings') },
  {
    name: 'settings-fixed-port-lower-half',
    state: FULL,
    act: async page => {
      await openMenu(page, 'Settings')
      await page.getByRole('radio', { name: /Always the same/ }).click()
      await page.getByLabel('Port', { exact: true }).fill('99')
      await page.keyboard.press('Enter')
      await page.getByText('Start when I sign in').scrollIntoViewIfNeeded()
    },
  },
  {
    name: 'reach-under-way',
    state: FULL,
    act: checkReach,
  },
  {
    name: 'reach-nothing-in-the-way',
    state: FULL,
    reach: { ok: true, value: reach() },
    act: checkReach,
  },
  {
    name: 'reach-with-advice',
    state: FULL,
    reach: NOT_REACHED,
    act: checkReach,
  },
  {
    name: 'reach-with-advice-small-window',
    state: FULL,
    reach: NOT_REACHED,
    size: { width: 900, height: 600 },
    act: checkReach,
  },
  {
    name: 'reach-not-known',
    state: FULL,
    reach: {
      ok: false,
      failure: { code: 'not-allowed', message: 'You are not signed in: sign in, then look again.' },
    },
    act: checkReach,
  },
  {
    name: 'failure-in-a-dialog',
    state: FULL,
    act: async page => {
      await openMenu(page, 'Settings')
      await page.getByRole('button', { name: 'Change…' }).click()
    },
  },
  {
    name: 'settings-small-window',
    state: FULL,
    size: { width: 900, height: 600 },
    act: page => openMenu(page, 'Settings'),
  },
  {
    name: 'updates-current',
    state: updating({ kind: 'current', checkedAt: NOW - 92 * MINUTE }),
    act: showUpdates,
  },
  {
    name: 'updates-downloading',
    state: updating({ kind: 'downloading', version: '1.2.0', fraction: 0.42 }),
    act: showUpdates,
  },
  {
    name: 'updates-failed-small-window',
    state: updating({
      kind: 'failed',
      failure: {
        code: 'cannot-write',
        message:
          'Plumb may not replace itself where it is: move its AppImage to a folder of yours, or get the new one by hand.',
      },
    }),
    size: SMALL,
    act: showUpdates,
  },
  {
    name: 'updates-by-the-package-manager',
    state: updating({ kind: 'managed', by: 'package-manager' }),
    act: showUpdates,
  },
  {
    name: 'update-ready',
    state: updating({ kind: 'ready', version: '1.2.0-beta.1' }),
    messages: TALK,
    act: openAnna,
  },
  {
    name: 'update-ready-small-window',
    state: {
      ...updating({ kind: 'ready', version: '1.2.0' }),
      notices: [
        {
          id: 'n',
          text: 'Port 5100 is taken by another program: Plumb uses another one until it is free again.',
        },
      ],
    },
    messages: TALK,
    size: SMALL,
    act: openAnna,
  },
  {
    name: 'verification-code',
    state: FULL,
    messages: TALK,
    act: async page => {
      await openAnna(page)
      await page.getByRole('button', { name: 'Encrypted and verified' }).first().click()
    },
  },
  {
    name: 'not-everything-can-be-sent',
    state: FULL,
    messages: TALK,
    act: chooseForAnna,
  },
  {
    name: 'folder-goes-as-zip',
    state: FULL,
    messages: TALK,
    choosing: {
      kind: 'confirm',
      ticket: 't',
      sendable: [{ name: 'Photos 2026', size: 31_600_000_000, files: 4_212, zipped: true, leftOut: 0 }],
      refused: [],
    },
    act: chooseForAnna,
  },
  {
    name: 'folder-with-links',
    state: FULL,
    messages: TALK,
    choosing: {
      kind: 'confirm',
      ticket: 't',
      sendable: [{ name: 'Website', size: 31_600_000, files: 412, zipped: false, leftOut: 3 }],
      refused: [],
    },
    act: chooseForAnna,
  },
  {
    name: 'attach-menu',
    state: FULL,
    messages: TALK,
    act: async page => {
      await openAnna(page)
      await page.getByRole('button', { name: 'Attach' }).click()
    },
  },
  {
    name: 'failure',
    state: FULL,
    messages: TALK,
    act: async page => {
      await openAnna(page)
      await page.getByRole('button', { name: /^Show contract/ }).click()
    },
  },
  {
    name: 'all-states-of-a-file',
    state: windowState({
      people: PEOPLE,
      transfers: [
        transfer({ id: 'a', name: 'preparing.bin', direction: 'out', state: { kind: 'preparing' } }),
        transfer({ id: 'b', name: 'offered.bin' }),
        transfer({ id: 'c', name: 'connecting.bin', state: { kind: 'connecting' } }),
        transfer({ id: 'd', name: 'verifying.bin', state: { kind: 'verifying' }, receipt: RECEIPT }),
        transfer({
          id: 'e',
          name: 'done.bin',
          state: { kind: 'done', at: NOW, seconds: 117, sha256: '' },
          receipt: RECEIPT,
          hasFile: true,
        }),
        transfer({
          id: 'f',
          name: 'declined.bin',
          direction: 'out',
          state: { kind: 'failed', at: NOW, bytes: 0, failure: { code: 'declined', message: '' } },
          canRetry: true,
        }),
        transfer({
          id: 'g',
          name: 'unencrypted.bin',
          state: { kind: 'moving', bytes: 1_000_000, bytesPerSecond: 0, secondsLeft: null },
          receipt: { ...RECEIPT, encrypted: false, verified: false, code: null, network: 'this-computer' },
        }),
      ],
    }),
    size: { width: 1180, height: 1100 },
    act: openAnna,
  },
  { name: 'pictures', state: PICTURES, size: { width: 1180, height: 1100 }, act: openAnna },
  { name: 'pictures-small-window', state: PICTURES, size: { width: 720, height: 700 }, act: openAnna },
  {
    name: 'picture-of-a-stranger',
    state: windowState({
      people: [STRANGER],
      transfers: [picture('look', { person: STRANGER.id })],
    }),
    act: page => page.getByRole('listitem').first().getByRole('button').click(),
  },
  {
    name: 'send-picture',
    state: FULL,
    messages: TALK,
    act: async page => {
      await openAnna(page)
      await pastePicture(page.getByRole('textbox', { name: /^Message / }), paintedPng(1_200, 700))
      await page.getByRole('img', { name: 'What is sent' }).waitFor()
    },
  },
  { name: 'files-that-rest', state: RESTING, size: { width: 1180, height: 1100 }, act: openAnna },
  {
    name: 'files-that-rest-small-window',
    state: RESTING,
    size: { width: 900, height: 700 },
    act: async page => {
      await openAnna(page)
      await page.getByRole('button', { name: 'Transfers' }).click()
    },
  },
  { name: 'routes', state: ROUTES, size: { width: 1180, height: 1100 }, act: openAnna },
  {
    name: 'routes-why-not-direct',
    state: ROUTES,
    size: { width: 1180, height: 1100 },
    act: async page => {
      await openAnna(page)
      const flow = page.getByRole('region', { name: /^Messages/ })
      await flow.getByText('Why not direct').last().click()
      await flow.getByText('What was tried', { exact: true }).click()
    },
  },
  {
    name: 'long-and-right-to-left-names',
    state: windowState({
      people: [
        person({
          address: 'anna@example.org',
          name: 'محمد عبد الرحمن الطويل جدا الذي لا ينتهي اسمه أبدا',
          last: {
            kind: 'message',
            direction: 'in',
            text: 'مرحبا، الملف جاهز للإرسال الآن وهو كبير جدا',
            at: NOW,
          },
        }),
        person({
          address: 'long@example.org',
          name: 'Maximiliane Wolfeschlegelsteinhausenbergerdorff the Third',
          unread: 1200,
          last: {
            kind: 'file',
            direction: 'out',
            text: `${'a very long file name '.repeat(5)}.tar.gz`,
            at: NOW - DAY,
          },
        }),
      ],
      transfers: [
        transfer({
          id: 'rtl',
          name: 'صورة العائلة في العطلة الصيفية الطويلة.jpeg',
          state: { kind: 'done', at: NOW, seconds: 2, sha256: '' },
          receipt: RECEIPT,
          hasFile: true,
        }),
        transfer({
          id: 'long',
          name: `${'a very long file name that goes on and on '.repeat(4)}.final.docx`,
          state: { kind: 'moving', bytes: 1_000_000, bytesPerSecond: 1_000_000, secondsLeft: 12_800 },
          receipt: RECEIPT,
        }),
      ],
    }),
    messages: [
      message({ id: 'r1', text: 'مرحبا، الملف جاهز. https://example.org/ملف', at: NOW - 3 * MINUTE }),
      message({ id: 'r2', text: 'x'.repeat(400), direction: 'out', at: NOW - 2 * MINUTE }),
    ],
    act: page => page.getByRole('listitem').first().getByRole('button').click(),
  },
  ...TRANSLATED_SCREENS,
]

/** Besides the states above: files that are held over the conversation. */
export const DROP_SCREEN: Screen = { name: 'drop', state: FULL, messages: TALK, act: openAnna }
