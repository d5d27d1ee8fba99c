import type { IpcMainInvokeEvent } from 'electron'

/** What is looked at of an event. */
export type Sender = Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>

/** Whether a call comes from the top frame of a window of ours, showing a page of ours. */
export function isTrusted(event: Sender, ownContents: () => unknown, origin: string): boolean {
  const { sender, senderFrame } = event
  // A frame that navigated or crashed meanwhile is null.
  if (senderFrame === null || sender !== ownContents() || senderFrame !== sender.mainFrame) return false
  try {
    const { protocol, host } = new URL(senderFrame.url)
    return `${protocol}//${host}` === origin
  } catch {
    return false
  }
}
