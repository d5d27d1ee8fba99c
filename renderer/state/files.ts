import type { Answer } from '../../shared/ipc/calls.ts'
import { MAX_PASTED_BYTES, PASTED_TYPES } from '../../shared/model/limits.ts'
import type { PersonId } from '../../shared/model/person-id.ts'
import type { SendAnswer } from '../../shared/model/shown-transfer.ts'
import { say } from '../words/say.ts'
import { attempt, currentState, dispatch } from './store.ts'

/** Sends files and folders that were dropped or pasted, and asks where some of them cannot be sent. */
export function sendFiles(person: PersonId, files: readonly File[]): void {
  const pictures = files.filter(isOnlyPicture)
  const others = files.filter(file => !pictures.includes(file))
  if (others.length > 0) void settle(window.plumb.sendDropped(person, others))
  for (const picture of pictures) {
    questions += 1
    dispatch({ type: 'open-dialog', dialog: { kind: 'send-picture', question: questions, person, picture } })
  }
}

let questions = 0

/** A screenshot, or what was dragged out of a browser: it has no place on this disk. */
function isOnlyPicture(file: File): boolean {
  return pastedTypeOf(file) !== undefined && file.size <= MAX_PASTED_BYTES && !window.plumb.isOnDisk(file)
}

function pastedTypeOf({ type }: File): (typeof PASTED_TYPES)[number] | undefined {
  return PASTED_TYPES.find(known => known === type)
}

/** Sends one that is no file. Its question stays where that cannot be done. */
export async function sendPicture(person: PersonId, picture: File): Promise<void> {
  const type = pastedTypeOf(picture)
  if (type === undefined) throw new Error('bug: not a picture')
  const bytes = await picture.arrayBuffer().catch(() => undefined)
  if (bytes === undefined) {
    const message = say('composer.picture-gone')
    dispatch({ type: 'failed', failure: { code: 'file-unreadable', message } })
    return
  }
  const answer = await attempt(window.plumb.sendPicture(person, new Uint8Array(bytes), type))
  if (answer === undefined) return
  // Meanwhile it may have been closed, and another be open.
  const { dialog } = currentState()
  if (dialog?.kind === 'send-picture' && dialog.picture === picture) dispatch({ type: 'close-dialog' })
  askAbout(answer)
}

/** Sends files by the system's dialog. */
export function chooseFiles(person: PersonId): void {
  void settle(window.plumb.chooseFiles(person))
}

/** Sends a folder by the system's dialog. */
export function chooseFolder(person: PersonId): void {
  void settle(window.plumb.chooseFolder(person))
}

export async function settle(sending: Promise<Answer<SendAnswer>>): Promise<void> {
  const answer = await attempt(sending)
  if (answer !== undefined) askAbout(answer)
}

function askAbout(answer: SendAnswer): void {
  if (answer.kind === 'confirm')
    dispatch({ type: 'open-dialog', dialog: { kind: 'confirm-sending', question: answer } })
}
