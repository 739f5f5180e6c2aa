/** One stored file. */
export interface FileInfo {
  readonly path: string
  /** Bytes. */
  readonly size: number
  /** Last change, in milliseconds since 1970; absent if the storage does not know. */
  readonly modified?: number
}

/** A file opened for random access reading. */
export interface ReadHandle {
  readonly size: number
  /**
   * Reads up to `length` bytes from `offset`; fewer only at the end of the file. With `into`, the
   * result is the start of `into`.
   */
  read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array>
  close(): Promise<void>
}

/** A file being written. Readers see it only after `commit`. */
export interface WriteHandle {
  write(bytes: Uint8Array): Promise<void>
  /** Makes the file durable, then visible under its name, replacing any older file. */
  commit(): Promise<void>
  /** Removes what was written. Does nothing after `commit`. */
  abort(): Promise<void>
}

/**
 * Commits files concurrently, because each commit waits for the disk. Returns their results in
 * order. An error is thrown only after all commits have ended.
 */
export async function commitAll<Answer>(
  files: Iterable<{ commit(): Promise<Answer> }>,
): Promise<Answer[]> {
  const commits = Array.from(files, (file) => file.commit())
  await Promise.allSettled(commits)
  return Promise.all(commits)
}

/** How a file is created. */
export interface CreateOptions {
  /** Permission bits; the process default unless set. */
  readonly mode?: number
  /**
   * Whether `commit` makes the file durable; true by default. False suits files that are rebuilt
   * after a crash.
   */
  readonly durable?: boolean
}

/**
 * All file access of the engine and of connectors; small enough to implement on an object store.
 * Paths use `/` and are absolute. Errors are `EtlError`s that name the path.
 */
export interface Storage {
  /**
   * Finds the files that match a path, a folder (everything below it except hidden names) or a
   * glob, sorted by byte order.
   */
  find(pattern: string): Promise<FileInfo[]>
  stat(path: string): Promise<FileInfo | undefined>
  open(path: string): Promise<ReadHandle>
  /** Streams the file's bytes from `start` up to `end` (exclusive), in order. */
  stream(path: string, start?: number, end?: number): AsyncIterable<Uint8Array>
  create(path: string, options?: CreateOptions): Promise<WriteHandle>
  rename(from: string, to: string): Promise<void>
  /** Removes a file or a whole folder. A missing path is not an error. */
  remove(path: string): Promise<void>
}
