/** Where one file goes. */
export interface FileTarget {
  /** What the file will be called, for sentences about it. */
  readonly name: string
  /**
   * Of the partial file. It is opened and closed by the disk thread, once for each connection; its length is what is
   * claimed to be here. Made where it is missing. Absolute.
   */
  readonly path: string
  /**
   * A whole file that is here already, of the offered size: if the sender finds it to be the same, nothing is moved,
   * `commit` is not called, and this is the path that comes out. Absolute.
   */
  readonly existing?: string | undefined
  /**
   * Gives the partial file its final name, and returns that path. Everything is written and on the disk by then, and
   * the disk thread has closed it.
   */
  commit(sha256: string): Promise<string>
}

/** Where a folder goes. */
export interface FolderTarget {
  /**
   * The folder in which everything is built: it has to exist, and to be for nothing else. What lies in it from an earlier
   * run is claimed where the manifest has it; everything that is not in the manifest is removed from it. Absolute.
   */
  readonly root: string
  /**
   * A folder of that name which is here already: what the sender finds to be the same in it is not moved. Where that is
   * all, and there is nothing else in it, `commit` is not called, and this is the path that comes out. Else copies of these
   * files are made. Absolute.
   */
  readonly existing?: string | undefined
  /** Makes all of it last, gives the folder its final name, and returns that path. The disk thread has closed all files. */
  commit(sha256: string): Promise<string>
}

export type PackedTarget = FileTarget | FolderTarget

/** What was offered. `size` are the bytes of all files. */
export type PackedExpectation =
  | { readonly kind: 'file'; readonly size: number }
  | { readonly kind: 'folder'; readonly size: number; readonly files: number }
