import type { FailureCode } from './failure.ts'

/** The stream methods that a transfer may use, by the names that people type and programs read. */
export type MethodName = 'dtcp'

/** Where the other end of a connection is, as seen from here. */
export type Network = 'this-computer' | 'local' | 'internet'

/** What happens to a transfer, in the order in which it can happen: `done` or `failed` is the last. */
export type TransferEvent =
  | {
      readonly event: 'offer'
      readonly transfer: string
      readonly direction: 'in' | 'out'
      /** Full JID. */
      readonly peer: string
      /** Safe to show and to use as a file name. */
      readonly name: string
      /** Bytes. */
      readonly size: number
    }
  | {
      readonly event: 'connected'
      readonly transfer: string
      readonly method: MethodName
      readonly by: 'dialer' | 'acceptor'
      /** `address:port` of the other end. */
      readonly remote: string
      readonly encrypted: boolean
      /** The other end showed the certificate that was announced over XMPP. */
      readonly verified: boolean
      readonly network: Network
      /** Six groups of five digits, the same on both sides; undefined where nothing was verified. */
      readonly code: string | undefined
      /** From the acceptance of the offer to the established connection. */
      readonly ms: number
    }
  | {
      readonly event: 'progress'
      readonly transfer: string
      readonly bytes: number
      readonly size: number
    }
  | {
      readonly event: 'done'
      readonly transfer: string
      /** Of the file that was sent, or of the one that arrived. */
      readonly path: string
      readonly bytes: number
      /** Lower-case hex. */
      readonly sha256: string
      /** From the acceptance of the offer to the verified end. */
      readonly seconds: number
    }
  | {
      readonly event: 'failed'
      readonly transfer: string
      readonly code: FailureCode
      readonly message: string
    }
