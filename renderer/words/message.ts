import type { Message } from '../../shared/model/message.ts'

/** What became of a message of ours. */
export function deliveryOf(state: Message['state'], isConnected: boolean): string {
  switch (state) {
    case 'sending':
      return isConnected ? 'Sending…' : 'Waits for the connection'
    case 'failed':
      return 'Not sent'
    case 'delivered':
      return 'Delivered'
    case 'displayed':
      return 'Seen'
    case 'sent':
    case 'received':
      return 'Sent'
  }
}
