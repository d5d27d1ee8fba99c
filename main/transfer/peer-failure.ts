import { Failure } from '../../shared/model/failure.ts'

/** What the other of our programs said about the end of a transfer, as the sentence for this side. */
export function peerFailure(reason: string): Failure {
  switch (reason) {
    case 'cancelled':
      return new Failure('cancelled-by-peer', 'The contact cancelled the transfer.')
    case 'disk-full':
      return new Failure(
        'peer-disk-full',
        'The contact’s disk is full: ask them to make room, and it goes on.',
      )
    case 'cannot-write':
      return new Failure(
        'peer-failed',
        'The contact’s computer could not write the file: ask them to choose another folder.',
      )
    case 'checksum-mismatch':
      return new Failure('checksum-mismatch', 'The file arrived damaged and was discarded: send it again.')
    case 'file-changed':
      return new Failure(
        'peer-failed',
        'The file changed on the contact’s computer while it was sent: ask them to send it again.',
      )
    case 'file-unreadable':
    case 'file-not-found':
      return new Failure(
        'peer-failed',
        'The contact’s computer could not read the file any more: ask them to check it.',
      )
    case 'connection-lost':
    case 'incomplete':
      return new Failure('connection-lost', 'The connection broke: send the file again.')
    case 'unreachable':
    case 'timed-out':
      return new Failure(
        'unreachable',
        'The contact’s computer could not reach this one: check both firewalls.',
      )
    case 'interrupted':
      return new Failure('connection-lost', 'The contact’s program was ended: it goes on when they are back.')
    default:
      return new Failure('peer-failed', 'The transfer failed on the contact’s side: try again.')
  }
}
