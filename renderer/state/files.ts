import type { Answer } from '../../shared/ipc/calls.ts'
import type { PersonId } from '../../shared/model/person-id.ts'
import type { SendAnswer } from '../../shared/model/shown-transfer.ts'
import { attempt, dispatch } from './store.ts'

/** Sends files and folders that were dropped or pasted, and asks where some of them cannot be sent. */
export function sendFiles(person: PersonId, files: readonly File[]): void {
  if (files.length > 0) void settle(window.plumb.sendDropped(person, files))
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
  if (answer?.kind === 'confirm')
    dispatch({ type: 'open-dialog', dialog: { kind: 'confirm-sending', question: answer } })
}
