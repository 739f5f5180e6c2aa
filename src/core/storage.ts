/** One stored file. */
export interface FileInfo {
  readonly path: string
  /** Bytes. */
  readonly size: number
  /**
   * When it was last changed, in milliseconds since 1970; absent where the storage does not know.
   */
  readonly modified?: number
}

/** A file opened for reading at any position. */
export interface ReadHandle {
  readonly size: number
  /**
   * Up to `length` bytes from `offset`; fewer only at the end of the file. They are the start of
   * `into` where it is given.
   */
  read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array>
  close(): Promise<void>
}

/** A file being written; it exists for readers only after `commit`. */
export interface WriteHandle {
  write(bytes: Uint8Array): Promise<void>
  /** Makes the file durable, then visible under its name, replacing what was there. */
  commit(): Promise<void>
  /** Leaves no trace. Does nothing after `commit`. */
  abort(): Promise<void>
}

/**
 * Commits files side by side, for each waits for the disk; what they answer, in their order. An
 * error is told when all have ended.
 */
export async function commitAll<Answer>(
  files: Iterable<{ commit(): Promise<Answer> }>,
): Promise<Answer[]> {
  const commits = Array.from(files, (file) => file.commit())
  await Promise.allSettled(commits)
  return Promise.all(commits)
}

export interface CreateOptions {
  /** Permission bits; those of the process unless given. */
  readonly mode?: number
  /**
   * Whether `commit` makes the file durable, as it does unless this is false: for files that are
   * made again after a crash.
   */
  readonly durable?: boolean
}

/**
 * All file access of the engine and of connectors, small enough for an object store to implement.
 * Paths use `/` and are absolute. Errors are `EtlError`s with the path in them.
 */
export interface Storage {
  /**
   * Files matching a path, a folder (everything below it, hidden names left out) or a glob, sorted
   * by byte order.
   */
  find(pattern: string): Promise<FileInfo[]>
  stat(path: string): Promise<FileInfo | undefined>
  open(path: string): Promise<ReadHandle>
  /** The file's bytes from `start` up to `end` (exclusive), in order. */
  stream(path: string, start?: number, end?: number): AsyncIterable<Uint8Array>
  create(path: string, options?: CreateOptions): Promise<WriteHandle>
  rename(from: string, to: string): Promise<void>
  /** Removes a file or a whole folder; what is not there is no error. */
  remove(path: string): Promise<void>
}
