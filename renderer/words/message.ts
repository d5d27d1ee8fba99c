import type { Message } from '../../shared/model/message.ts'
import { say } from './say.ts'

/** What became of a message of ours. */
export function deliveryOf(state: Message['state'], isConnected: boolean): string {
  switch (state) {
    case 'sending':
      return isConnected ? say('delivery.sending') : say('delivery.waiting')
    case 'failed':
      return say('delivery.failed')
    case 'delivered':
      return say('delivery.delivered')
    case 'displayed':
      return say('delivery.displayed')
    case 'sent':
    case 'received':
      return say('delivery.sent')
  }
}
