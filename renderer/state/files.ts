import type { Answer } from '../../shared/ipc/calls.ts'
import type { SendAnswer } from '../../shared/model/shown-transfer.ts'
import { attempt, dispatch } from './store.ts'

/** Sends files and folders that were dropped or pasted, and asks where some of them cannot be sent. */
export function sendFiles(address: string, files: readonly File[]): void {
  if (files.length > 0) void settle(window.plumb.sendDropped(address, files))
}

/** Sends files by the system's dialog. */
export function chooseFiles(address: string): void {
  void settle(window.plumb.chooseFiles(address))
}

/** Sends a folder by the system's dialog. */
export function chooseFolder(address: string): void {
  void settle(window.plumb.chooseFolder(address))
}

export async function settle(sending: Promise<Answer<SendAnswer>>): Promise<void> {
  const answer = await attempt(sending)
  if (answer?.kind === 'confirm')
    dispatch({ type: 'open-dialog', dialog: { kind: 'confirm-sending', question: answer } })
}
