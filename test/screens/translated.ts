import type { Locator, Page } from '@playwright/test'
import type { Message } from '../../shared/model/message.ts'
import { personId } from '../../shared/model/person-id.ts'
import type { AccountForm, FormField } from '../../shared/model/registration.ts'
import { DEFAULT_SETTINGS } from '../../shared/model/settings.ts'
import type { WindowState } from '../../shared/model/window-state.ts'
import type { LanguageTag } from '../../shared/words/language.ts'
import {
  DAY,
  MINUTE,
  message,
  NOW,
  of,
  offer,
  person,
  RECEIPT,
  reach,
  SIGNED_IN,
  transfer,
  windowState,
} from '../renderer/factories.ts'
import { row } from './open-screen.ts'
import type { Screen } from './screens.ts'

/* The window in its other languages. What is pressed is found by its icon: what it is called is what is looked at. */

/** What people say and are called where a language is spoken. */
interface World {
  readonly language: LanguageTag
  /** At the end of the names of its screens. */
  readonly suffix: string
  readonly names: readonly [anna: string, maya: string, tomas: string, noor: string]
  readonly said: {
    readonly yesterday: string
    readonly done: string
    readonly ready: string
    readonly answer: string
    readonly asked: string
    readonly promised: string
  }
  /** Of files; one is in English everywhere. */
  readonly files: { readonly film: string; readonly thesis: string; readonly folder: string }
  readonly status: string
  readonly looksFor: string
  /** What the main process says. */
  readonly failures: { readonly refused: string; readonly noWay: string; readonly unconfirmed: string }
  readonly advice: string
}

const GERMAN: World = {
  language: 'de',
  suffix: 'german',
  names: ['Anna Lindqvist', 'Maximiliane Oberhuber-Wiesinger', 'Tomás Oliveira', 'Noor Rahman'],
  said: {
    yesterday: 'Sehen wir uns morgen auf der Baustelle?',
    done: 'Der Drohnenflug ist geschafft, insgesamt etwa 40 GB.',
    ready: 'Ich schneide gerade, der erste Teil ist fertig.',
    answer:
      'Wunderbar, schick ihn einfach, ich bin bis sechs im Büro. Notizen: https://example.org/bestandsaufnahme',
    asked: 'Kannst du mir die Aufnahmen in 16 Bit schicken?',
    promised: 'Der Entwurf ist morgen bei dir',
  },
  files: {
    film: 'Bestandsaufnahme, Rohmaterial.mov',
    thesis: 'Doktorarbeit, Entwurf 9.pdf',
    folder: 'Aufnahmen 16 Bit',
  },
  status: 'Bis Mittwoch auf Geschäftsreise',
  looksFor: 'Teil',
  failures: {
    refused:
      'Der Computer des Kontakts kann die Datei nicht annehmen: Frag nach dem Platz auf der Platte und nach dem Ordner.',
    noWay:
      'Keiner der beiden Computer hat den anderen erreicht: Beide sind hinter Routern. Schalte in einem der beiden UPnP ein oder leite dort einen Port weiter.',
    unconfirmed:
      'Die Verbindung zum Server ging verloren, bevor er das bestätigt hat: Versuch es noch einmal.',
  },
  advice:
    'Schalte UPnP oder NAT-PMP in den Einstellungen des Routers ein, damit andere diesen Computer erreichen.',
}

const ARABIC: World = {
  language: 'ar',
  suffix: 'arabic',
  names: ['ليلى حداد', 'عبد الرحمن المنصوري', 'Tomás Oliveira', 'نور الهاشمي'],
  said: {
    yesterday: 'هل نلتقي غدًا في الموقع؟',
    done: 'انتهى التصوير بالطائرة، نحو 40 GB في المجموع.',
    ready: 'أعمل على المونتاج الآن، الجزء الأول جاهز!',
    answer: 'رائع، أرسليه متى شئتِ، أنا في المكتب حتى السادسة. الملاحظات: https://example.org/survey (صفحتان)',
    asked: 'هل ترسل لي التسجيلات بجودة 16 بت؟',
    promised: 'ستصلك المسودة غدًا',
  },
  files: { film: 'مسح الموقع، مواد خام.mov', thesis: 'أطروحة، المسودة 9.pdf', folder: 'تسجيلات 16 بت' },
  status: 'في سفر حتى يوم الأربعاء',
  looksFor: 'الجزء',
  failures: {
    refused: 'لا يستطيع جهاز الطرف الآخر استلام الملف: اسأله عن مساحة القرص والمجلد.',
    noWay:
      'لم يصل أي من الجهازين إلى الآخر: كلاهما خلف موجّه. فعّل UPnP في أحد الموجّهين، أو أعد توجيه منفذ فيه.',
    unconfirmed: 'انقطع الاتصال بالخادم قبل أن يؤكد ذلك: حاول مرة أخرى.',
  },
  advice: 'فعّل UPnP أو NAT-PMP في إعدادات الموجّه لكي يصل الآخرون إلى هذا الجهاز.',
}

const MAYA = 'maya@studio.example'

function stateOf(
  { names, said, files, failures, status }: World,
  more: Partial<WindowState> = {},
): WindowState {
  const [anna, maya, tomas, noor] = names
  return windowState({
    people: [
      person({
        address: 'anna@example.org',
        name: anna,
        status,
        last: { kind: 'file', direction: 'in', text: files.film, at: NOW },
      }),
      person({
        address: MAYA,
        name: maya,
        unread: 2,
        last: { kind: 'message', direction: 'in', text: said.asked, at: NOW - 27 * MINUTE },
      }),
      person({
        address: 'tomas@example.org',
        name: tomas,
        availability: 'away',
        last: {
          kind: 'message',
          direction: 'in',
          text: 'All 4,212 of them arrived!',
          at: NOW - 160 * MINUTE,
        },
      }),
      person({
        address: 'noor@example.org',
        name: noor,
        availability: 'offline',
        last: { kind: 'message', direction: 'out', text: said.promised, at: NOW - DAY },
      }),
      person({ address: 'ben@example.org', name: 'Ben Okafor', availability: 'busy' }),
      person({
        address: 'kim@example.org',
        name: 'Kim',
        availability: 'offline',
        subscription: 'none',
        asked: true,
      }),
    ],
    transfers: [
      transfer({
        id: 'contract',
        name: 'contract_v7_final.pdf',
        direction: 'out',
        size: 2_300_000,
        at: NOW - 10 * MINUTE,
        state: { kind: 'done', at: NOW - 10 * MINUTE, seconds: 1.4, sha256: '' },
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
          failure: { code: 'offer-refused', message: failures.refused },
        },
        canRetry: true,
        hasFile: true,
      }),
      transfer({
        id: 'masters',
        name: files.folder,
        person: of(MAYA),
        direction: 'out',
        size: 38_000_000_000,
        files: 34,
        at: NOW - 5 * MINUTE,
        state: { kind: 'moving', bytes: 4_600_000_000, bytesPerSecond: 131_000_000, secondsLeft: 255 },
        receipt: { ...RECEIPT, method: 'socks5', network: 'internet', relay: 'proxy' },
        attempts: [{ method: 'dtcp', code: 'unreachable', message: failures.noWay }],
        canPause: true,
        hasFile: true,
      }),
      transfer({
        id: 'thesis',
        name: files.thesis,
        person: of('noor@example.org'),
        direction: 'out',
        size: 8_100_000,
        at: NOW - 2 * MINUTE,
        state: { kind: 'waiting' },
        hasFile: true,
      }),
      transfer({
        id: 'film',
        name: files.film,
        state: { kind: 'moving', bytes: 7_400_000_000, bytesPerSecond: 109_000_000, secondsLeft: 50 },
        receipt: RECEIPT,
        canPause: true,
      }),
    ],
    settings: { ...DEFAULT_SETTINGS, recentEmoji: ['👍', '🎉', '☕'] },
    ...more,
  })
}

function talkOf({ said, failures }: World): readonly Message[] {
  return [
    message({ id: 'm0', text: said.yesterday, direction: 'out', at: NOW - DAY }),
    message({ id: 'm1', text: said.done, at: NOW - 12 * MINUTE }),
    message({ id: 'm2', text: said.ready, at: NOW - 12 * MINUTE + 1000, edited: true }),
    message({ id: 'm3', direction: 'out', text: said.answer, at: NOW - 8 * MINUTE }),
    message({ id: 'm4', text: 'Fine, thanks! `npm run dist` does it.', at: NOW - 7 * MINUTE }),
    message({
      id: 'm5',
      direction: 'out',
      text: said.promised,
      state: 'failed',
      failure: failures.unconfirmed,
      at: NOW - 6 * MINUTE,
    }),
  ]
}

const by = (page: Page, role: 'button' | 'menuitem', icon: string): Locator =>
  page.getByRole(role).filter({ has: page.locator(`.lucide-${icon}`) })

const openSettings = async (page: Page): Promise<void> => {
  await by(page, 'button', 'ellipsis').click()
  await by(page, 'menuitem', 'settings').click()
  await page.getByRole('dialog').waitFor()
}

const question = (more: Partial<FormField> & Pick<FormField, 'name' | 'type'>): FormField => ({
  label: '',
  description: '',
  required: true,
  values: [],
  options: [],
  pictures: [],
  ...more,
})

/** The server writes its own English. */
const FORM: AccountForm = {
  title: '',
  instructions: 'Choose a username and password for use with this service.',
  fields: [
    question({ name: 'username', type: 'text-single' }),
    question({ name: 'password', type: 'text-private' }),
    question({ name: 'email', type: 'text-single', required: false }),
  ],
  pictures: [],
}

const SMALL = { width: 900, height: 600 }

function screensOf(world: World): readonly Screen[] {
  const { language, suffix, names, said, looksFor } = world
  const state = stateOf(world)
  const messages = talkOf(world)
  const open = (page: Page): Promise<void> => row(page, names[0]).click()
  const screens: readonly Screen[] = [
    {
      name: 'sign-in',
      state: windowState({ accounts: [], app: { ...state.app, hasKeyring: false } }),
      act: async page => {
        await by(page, 'button', 'chevron-right').click()
        await page.locator('button[type="submit"]').click()
      },
    },
    {
      name: 'create-account',
      state: windowState({ accounts: [] }),
      answers: { openRegistration: { ok: true, value: { kind: 'form', form: FORM } } },
      act: async page => {
        await page.locator('form button').last().click()
        await page.getByRole('textbox').first().fill('example.org')
        await page.locator('button[type="submit"]').click()
        await page.getByText('Choose a username').waitFor()
        await page.locator('button[type="submit"]').click()
      },
    },
    { name: 'conversation', state, messages, act: open },
    {
      name: 'conversation-small-window-with-transfers',
      state,
      messages,
      size: SMALL,
      act: async page => {
        await open(page)
        await by(page, 'button', 'arrow-down-up').click()
      },
    },
    {
      name: 'prompt',
      state: {
        ...state,
        offers: [
          offer({ transfer: 'grades', name: 'Reference grades.zip' }),
          offer({ transfer: 'second', name: 'LUTs.cube' }),
        ],
        requests: [{ person: of('carol@example.org') }, { person: of('dave@example.org') }],
      },
      messages,
      act: open,
    },
    {
      name: 'prompt-of-a-stranger',
      state: {
        ...state,
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
        await page.getByRole('navigation').locator('button:has(.lucide-info)').click()
        await page.getByRole('dialog').getByRole('button').nth(1).click()
      },
    },
    {
      name: 'people-of-several-accounts',
      state: {
        ...state,
        people: [
          ...state.people,
          person({
            id: personId('j.lind@studio.example', 'maximiliane@studio.example'),
            address: 'maximiliane@studio.example',
            name: 'Maximiliane Wolfeschlegelsteinhausen',
            groups: [said.done],
          }),
        ],
        accounts: [
          SIGNED_IN,
          { ...SIGNED_IN, address: 'j.lind@studio.example', connection: 'connecting' },
          { kind: 'signed-out', address: 'old@elsewhere.example', server: null, failure: null },
        ],
      },
      messages,
      act: async page => {
        await open(page)
        await by(page, 'button', 'ellipsis').first().click()
      },
    },
    {
      name: 'message-menu',
      state,
      messages,
      act: async page => {
        await open(page)
        await page.getByText(said.promised).last().click({ button: 'right' })
        await by(page, 'menuitem', 'copy').waitFor()
      },
    },
    {
      name: 'emoji',
      state,
      messages,
      act: async page => {
        await open(page)
        await page.locator('button[aria-expanded]:has(.lucide-smile)').click()
        await page.getByRole('dialog').getByRole('searchbox').waitFor()
      },
    },
    {
      name: 'search',
      state,
      messages,
      found: { messages: messages.slice(2, 5), transfers: state.transfers.slice(2, 4) },
      act: async page => {
        await open(page)
        await page.getByRole('searchbox').fill(looksFor)
        await page.getByRole('navigation').locator('mark').first().waitFor()
      },
    },
    { name: 'settings', state, act: openSettings },
    {
      name: 'settings-connection',
      state,
      size: SMALL,
      reach: { ok: true, value: reach({ advice: [world.advice] }) },
      act: async page => {
        await openSettings(page)
        const section = page.getByRole('dialog').locator('section').nth(4)
        await section.getByRole('button').click()
        await section.getByText(world.advice).waitFor()
        await section.evaluate(element => element.scrollIntoView({ block: 'start' }))
      },
    },
    {
      name: 'contact',
      state,
      messages,
      act: async page => {
        await open(page)
        await page.getByRole('main').locator('header button:has(.lucide-info)').click()
        await page.getByRole('dialog').waitFor()
      },
    },
    {
      name: 'verification-code',
      state,
      messages,
      act: async page => {
        await open(page)
        await by(page, 'button', 'shield-check').first().click()
        await page.getByRole('dialog').waitFor()
      },
    },
    {
      name: 'why-not-direct',
      state,
      messages,
      act: async page => {
        await row(page, names[1]).click()
        await page.getByRole('article').locator('summary').first().click()
      },
    },
  ]
  return screens.map(screen => ({ ...screen, name: `${screen.name}-${suffix}`, language }))
}

export const TRANSLATED_SCREENS: readonly Screen[] = [GERMAN, ARABIC].flatMap(screensOf)
