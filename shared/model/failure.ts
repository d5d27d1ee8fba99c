/**
 * Whose fault a failure is:
 * `local`: this computer or its person (disk, arguments, settings);
 * `remote`: the peer or a server did or said something wrong;
 * `unreachable`: nobody did anything wrong, but the two cannot meet right now.
 */
export type Fault = 'local' | 'remote' | 'unreachable'

/** Every code that a program may see, with whose fault it is. A code is never renamed or reused. */
export const FAULTS = {
  // Signing in.
  'wrong-password': 'local',
  'server-not-found': 'unreachable',
  'server-unreachable': 'unreachable',
  'certificate-not-trusted': 'remote',
  'not-encrypted': 'remote',
  'sign-in-failed': 'remote',
  'sign-in-timed-out': 'unreachable',
  'signed-in-elsewhere': 'remote',
  'server-connection-lost': 'unreachable',
  // Making and changing accounts.
  'registration-closed': 'remote',
  'registration-refused': 'remote',
  'name-taken': 'local',
  // Finding the peer and agreeing on the transfer.
  'peer-offline': 'unreachable',
  'peer-unsupported': 'remote',
  'no-common-method': 'remote',
  declined: 'remote',
  'offer-refused': 'remote',
  cancelled: 'local',
  'cancelled-by-peer': 'remote',
  'peer-failed': 'remote',
  'peer-disk-full': 'remote',
  /** A transfer that the other side knows nothing of, or that is not this peer's. */
  'not-resumable': 'remote',
  paused: 'local',
  'too-many-files': 'local',
  // Making the connection.
  'port-in-use': 'local',
  refused: 'remote',
  unreachable: 'unreachable',
  'timed-out': 'unreachable',
  'encryption-refused': 'remote',
  'certificate-mismatch': 'remote',
  'protocol-error': 'remote',
  // Moving the bytes.
  'connection-lost': 'unreachable',
  incomplete: 'remote',
  'too-many-bytes': 'remote',
  'checksum-mismatch': 'remote',
  unconfirmed: 'remote',
  // This computer's disk.
  'file-not-found': 'local',
  'file-unreadable': 'local',
  'file-changed': 'local',
  'disk-full': 'local',
  'cannot-write': 'local',
  'file-not-allowed': 'remote',
  // This program.
  usage: 'local',
  // The window and what it asks for.
  'invalid-argument': 'local',
  'not-allowed': 'local',
  'message-refused': 'remote',
  interrupted: 'local',
  'no-keyring': 'local',
  'damaged-settings': 'local',
  'cannot-open': 'local',
  // Keeping Plumb current.
  'update-unavailable': 'unreachable',
  'update-not-verified': 'remote',
  bug: 'local',
} as const satisfies Record<string, Fault>

export type FailureCode = keyof typeof FAULTS

/**
 * What went wrong, as people and programs can use it: `message` is one sentence that says what to do,
 * `code` is stable, `cause` is what was underneath. Nothing may match on the message.
 */
export class Failure extends Error {
  readonly code: FailureCode

  constructor(code: FailureCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'Failure'
    this.code = code
  }

  get fault(): Fault {
    return FAULTS[this.code]
  }

  /** The failure itself, or a `bug` that wraps anything else that was thrown. */
  static from(thrown: unknown): Failure {
    if (thrown instanceof Failure) return thrown
    const text = thrown instanceof Error ? thrown.message : String(thrown)
    return new Failure('bug', `bug: ${text}`, { cause: thrown })
  }
}
