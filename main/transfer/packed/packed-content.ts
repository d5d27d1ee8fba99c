/** One file to be sent, as it was when it was offered. */
export interface SourceFile {
  /** Absolute. */
  readonly path: string
  /** Relative to what is sent, with "/" between components; of a single file its base name. */
  readonly name: string
  /** Bytes. */
  readonly size: number
  /** Nanoseconds since 1970. A file with another size or time is another file. */
  readonly mtimeNs: bigint
}

/** What one transfer carries. `folders` are those that no file makes necessary; relative, without "/" at the end. */
export type PackedContent =
  | { readonly kind: 'file'; readonly file: SourceFile }
  | { readonly kind: 'folder'; readonly files: readonly SourceFile[]; readonly folders: readonly string[] }
