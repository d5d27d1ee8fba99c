import type { FailureCode } from './failure.ts'

/** The stream methods that a transfer may use, by the names that people type and programs read. */
export const METHODS = ['dtcp', 'socks5', 'ibb'] as const
export type MethodName = (typeof METHODS)[number]

/** Where the other end of a connection is, as seen from here. */
export type Network = 'this-computer' | 'local' | 'internet'

/** Who stands between the two programs: nobody, the server's proxy, or the servers themselves. */
export type Relay = 'none' | 'proxy' | 'server'

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
      /** Bytes of all files; undefined where the sender does not say. */
      readonly size: number | undefined
      /** How many files it holds, where it is a folder. */
      readonly files: number | undefined
    }
  | {
      /** One attempt at a connection came to something, or to nothing. */
      readonly event: 'route'
      readonly transfer: string
      readonly method: MethodName
      readonly ok: boolean
      /** Why not: the code, for programs. */
      readonly reason: FailureCode | undefined
      /** Why not, and what would mend it, as a sentence. */
      readonly message: string | undefined
    }
  | {
      readonly event: 'connected'
      readonly transfer: string
      readonly method: MethodName
      readonly by: 'dialer' | 'acceptor'
      /** `address:port` of the other end; its full JID where the bytes go through the servers. */
      readonly remote: string
      readonly relay: Relay
      readonly encrypted: boolean
      /** The other end showed the certificate that was announced over XMPP. */
      readonly verified: boolean
      readonly network: Network
      /** Six groups of five digits, the same on both sides; undefined where nothing was verified. */
      readonly code: string | undefined
      /** From the acceptance of the offer to the established connection. */
      readonly ms: number
      /** Whether the other program knows how to pause. */
      readonly canPause: boolean
    }
  | {
      readonly event: 'progress'
      readonly transfer: string
      /** Stored at the receiver, as far as that is known here. */
      readonly bytes: number
      readonly size: number | undefined
    }
  | {
      /** They are not online (any more): it is offered when they are. */
      readonly event: 'waiting'
      readonly transfer: string
    }
  | {
      /** It goes on by itself once both are back: from what the receiver has. */
      readonly event: 'interrupted'
      readonly transfer: string
      readonly code: FailureCode
      readonly message: string
    }
  | {
      readonly event: 'paused'
      readonly transfer: string
      /** Whose person paused it. */
      readonly by: 'us' | 'them'
    }
  | {
      /** The beginning that the receiver had is not that of the file as it is now: all of it is sent anew. */
      readonly event: 'restarted'
      readonly transfer: string
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
      /** The one that carried the last byte; undefined where nothing had to move. */
      readonly method: MethodName | undefined
      /** Bytes that were there already when the last connection began. */
      readonly resumedFrom: number
    }
  | {
      readonly event: 'failed'
      readonly transfer: string
      readonly code: FailureCode
      readonly message: string
    }
