import { Failure } from '../../shared/model/failure.ts'
import { say } from '../../shared/words/say.ts'

/** What the other of our programs said about the end of a transfer, as the sentence for this side. */
export function peerFailure(reason: string): Failure {
  switch (reason) {
    case 'cancelled':
      return new Failure('cancelled-by-peer', say('peer.cancelled'))
    case 'disk-full':
      return new Failure('peer-disk-full', say('peer.disk-full'))
    case 'cannot-write':
      return new Failure('peer-failed', say('peer.cannot-write'))
    case 'checksum-mismatch':
      return new Failure('checksum-mismatch', say('peer.found-damage'))
    case 'file-changed':
      return new Failure('peer-failed', say('peer.file-changed'))
    case 'file-unreadable':
    case 'file-not-found':
      return new Failure('peer-failed', say('peer.cannot-read'))
    case 'connection-lost':
    case 'incomplete':
      return new Failure('connection-lost', say('peer.connection-broke'))
    case 'unreachable':
    case 'timed-out':
      return new Failure('unreachable', say('peer.not-reached-us'))
    case 'interrupted':
      return new Failure('connection-lost', say('peer.program-ended'))
    default:
      return new Failure('peer-failed', say('peer.failed'))
  }
}
