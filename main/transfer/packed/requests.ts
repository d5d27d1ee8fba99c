/** What the event loop asks of a disk thread for a file stream, and what it gets. */
import type { Manifest } from '../manifest.ts'
import type { Claim } from './frames.ts'
import type { SourceFile } from './packed-content.ts'
import type { FileTarget, FolderTarget, PackedExpectation } from './packed-target.ts'

/** `open` once, `begin` for each connection, `pause` behind it. */
export type PackedRequest =
  | { readonly kind: 'pack-open'; readonly content: 'file' | 'folder'; readonly folders: readonly string[] }
  /** Further files; many of them come in several requests, so that copying them holds nobody up. */
  | { readonly kind: 'pack-files'; readonly files: readonly SourceFile[] }
  | { readonly kind: 'pack-begin' }
  | { readonly kind: 'pack-claims'; readonly claims: readonly Claim[] }
  /** Reads what was claimed a little further; to be asked until there is a verdict. */
  | { readonly kind: 'pack-check' }
  /** Fills the buffer, in shared memory, with what the stream carries next. */
  | { readonly kind: 'pack-fill'; readonly buffer: Uint8Array }
  | { readonly kind: 'pack-pause' }
  | { readonly kind: 'unpack-open'; readonly expected: PackedExpectation; readonly place: Place }
  | { readonly kind: 'unpack-begin' }
  /** Uses up what came over the stream: the first `length` bytes of the buffer, in shared memory. */
  | { readonly kind: 'unpack-feed'; readonly buffer: Uint8Array; readonly length: number }
  /** A part of the manifest: so many of its files, and of its folders, from there on. */
  | { readonly kind: 'unpack-manifest'; readonly from: number; readonly count: number }
  /** Reads what is here a little further; to be asked until it is over. */
  | { readonly kind: 'unpack-claim' }
  | { readonly kind: 'unpack-finish' }
  | { readonly kind: 'unpack-pause' }

/** A target without what cannot cross to a thread. */
export type FilePlace = Omit<FileTarget, 'commit'>
export type Place = FilePlace | Omit<FolderTarget, 'commit'>

/** What the sender found the claims to be worth. */
export interface Verdict {
  /** Bytes of all files that are there already. */
  readonly resumedFrom: number
  /** A beginning was claimed that is not that of its file. */
  readonly restarted: boolean
}

export interface Filled {
  /** Bytes at the beginning of the buffer. */
  readonly length: number
  /** Nothing follows: the manifest ends here, or all of it. */
  readonly over: boolean
  /** Of everything; once all of it is over. */
  readonly sha256: string | undefined
}

export interface Unpacked {
  /** Bytes of files that are written, in all. */
  readonly stored: number
  readonly stage: 'manifest' | 'claims' | 'files' | 'end'
  /** What the sender said at the beginning. */
  readonly verdict: Verdict | undefined
  /** Stands for the manifest, once it is there: another one has another text. */
  readonly manifest: string | undefined
}

export interface Finished {
  /** Of everything. */
  readonly sha256: string
  /** Whether it is the file or folder that was here before. */
  readonly isExisting: boolean
}

export interface PackedAnswers {
  'pack-open': undefined
  'pack-files': undefined
  'pack-begin': undefined
  'pack-claims': undefined
  'pack-check': Verdict | undefined
  'pack-fill': Filled
  'pack-pause': undefined
  'unpack-open': undefined
  'unpack-begin': undefined
  'unpack-feed': Unpacked
  'unpack-manifest': Manifest
  /** A frame that can leave. */
  'unpack-claim': { readonly frame: Uint8Array | undefined; readonly over: boolean }
  'unpack-finish': Finished
  'unpack-pause': undefined
}
