import { commitAll, type Storage, type WriteHandle } from '../../../src/core/storage.ts'

/**
 * Words buffered per file before they are written: the most, and the least if many files share the
 * memory.
 */
const BUFFER_WORDS = 1 << 16
const LEAST_BUFFER_WORDS = 1 << 10
/** Bytes of a file read at a time. */
export const READ_BYTES = 1 << 20

/** Grows a file of 32-bit words (little-endian, as every machine Node runs on). */
export interface WordFile {
  readonly path: string
  /** Adds words. They are in memory until `flush`. */
  add(words: Uint32Array): void
  /**
   * Writes the buffer if it is full. Call it between additions, often enough that memory stays
   * bounded.
   */
  flush(): Promise<void>
  /** Writes the rest and makes the file durable under its name. Later calls do nothing. */
  commit(): Promise<void>
  abort(): Promise<void>
}

/** A new file of words; visible to others only after `commit`. */
export async function createWords(
  storage: Storage,
  path: string,
  bufferWords = BUFFER_WORDS,
): Promise<WordFile> {
  const handle: WriteHandle = await storage.create(path)
  let buffer = new Uint32Array(bufferWords)
  let filled = 0
  let committed = false
  const write = async (): Promise<void> => {
    if (filled === 0) return
    const full = new Uint8Array(buffer.buffer, 0, filled * 4)
    filled = 0
    await handle.write(full)
  }
  return {
    path,
    add(words) {
      if (filled + words.length > buffer.length) {
        const grown = new Uint32Array(Math.max(buffer.length * 2, filled + words.length))
        grown.set(buffer.subarray(0, filled))
        buffer = grown
      }
      if (words.length < 16)
        for (let i = 0; i < words.length; i++) buffer[filled + i] = words[i] ?? 0
      else buffer.set(words, filled)
      filled += words.length
    },
    async flush() {
      if (filled < bufferWords / 2) return
      await write()
      if (buffer.length > bufferWords) buffer = new Uint32Array(bufferWords)
    },
    async commit() {
      if (committed) return
      committed = true
      await write()
      await handle.commit()
    },
    abort: () => handle.abort(),
  }
}

/**
 * Several files, whose buffers take about `memoryBytes` together. Either all are committed, or none
 * remains.
 */
export async function withWordFiles(
  storage: Storage,
  paths: readonly string[],
  memoryBytes: number,
  fill: (files: readonly WordFile[]) => Promise<void>,
): Promise<void> {
  const share = Math.floor(memoryBytes / (4 * Math.max(1, paths.length)))
  const bufferWords = Math.max(LEAST_BUFFER_WORDS, Math.min(BUFFER_WORDS, share))
  const files: WordFile[] = []
  try {
    for (const path of paths) files.push(await createWords(storage, path, bufferWords))
    await fill(files)
    await commitAll(files)
  } catch (error) {
    for (const file of files) await file.abort()
    throw error
  }
}

/** Reads a file's words, or `count` of them from `start`, into memory from `lend`. */
export async function readWords(
  storage: Storage,
  path: string,
  start = 0,
  count?: number,
  lend: (words: number) => Uint32Array = (words) => new Uint32Array(words),
): Promise<Uint32Array> {
  const file = await openWords(storage, path)
  try {
    return await file.read(start, count ?? file.words - start, lend)
  } finally {
    await file.close()
  }
}

/** A file of words opened for random access. */
export async function openWords(storage: Storage, path: string) {
  const handle = await storage.open(path)
  return {
    words: handle.size / 4,
    /** Reads `count` words from `start` into memory from `lend`. */
    async read(
      start: number,
      count: number,
      lend: (words: number) => Uint32Array = (words) => new Uint32Array(words),
    ): Promise<Uint32Array> {
      const words = lend(count)
      const bytes = new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
      const { length } = await handle.read(start * 4, bytes.length, bytes)
      if (length < bytes.length) throw new RangeError(`${path} ends at byte ${start * 4 + length}`)
      return words
    },
    close: () => handle.close(),
  }
}

/**
 * Reads a file's records of `width` words, about `bytes` bytes at a time. The caller owns each
 * array, unless memory is lent for it.
 */
export async function* streamRecords(
  storage: Storage,
  path: string,
  width: number,
  bytes = READ_BYTES,
  lend?: (words: number) => Uint32Array,
): AsyncIterable<Uint32Array> {
  const handle = await storage.open(path)
  const step = Math.max(1, Math.floor(bytes / (width * 4))) * width * 4
  try {
    for (let at = 0; at < handle.size; at += step) {
      const words = lend?.(Math.min(step, handle.size - at) / 4)
      const into = words && new Uint8Array(words.buffer, words.byteOffset, words.byteLength)
      const part = await handle.read(at, step, into)
      yield part.byteOffset % 4 === 0
        ? new Uint32Array(part.buffer, part.byteOffset, part.length / 4)
        : new Uint32Array(part.slice().buffer)
    }
  } finally {
    await handle.close()
  }
}

/** A file's records one after the other, as views. */
export async function* eachRecord(
  storage: Storage,
  path: string,
  width: number,
): AsyncIterable<Uint32Array> {
  for await (const words of streamRecords(storage, path, width)) yield* recordsOf(words, width)
}

/** The records packed in some words, as views. */
export function* recordsOf(words: Uint32Array, width: number): Iterable<Uint32Array> {
  for (let at = 0; at < words.length; at += width) yield words.subarray(at, at + width)
}

/**
 * Scratch words for one task, with arbitrary content. Every call reuses the memory of the call
 * before.
 */
export function scratchWords(): (words: number) => Uint32Array {
  let memory = new Uint32Array(0)
  return (words) => {
    if (memory.length < words) memory = new Uint32Array(words)
    return memory.subarray(0, words)
  }
}

/** Zeroed words that worker threads can share. */
export function sharedWords(length: number): Uint32Array {
  return new Uint32Array(new SharedArrayBuffer(length * 4))
}

/**
 * Lends memory that threads share, in turn as many pieces as `Pool.map` has inputs in flight; the
 * oldest is reused. Left to the garbage collectors of several threads, shared memory would be freed
 * late, because none of them counts it.
 */
export function inputMemory(
  pool: { readonly size: number },
  usualWords: number,
): (words: number) => Uint32Array {
  const pieces: Uint32Array[] = []
  let turn = 0
  return (words) => {
    turn = (turn + 1) % (pool.size + 2)
    let piece = pieces[turn]
    if (!piece || piece.length < words) {
      // Pages that are not written to take no memory.
      piece = sharedWords(Math.max(words, usualWords))
      pieces[turn] = piece
    }
    return piece.subarray(0, words)
  }
}

/** Like `inputMemory`, for existing bytes: copies them once tasks run on threads. */
export function inputBytes(pool: {
  readonly size: number
  readonly isThreaded: boolean
}): (bytes: Uint8Array) => Uint8Array {
  const lend = inputMemory(pool, 0)
  return (bytes) => {
    if (!pool.isThreaded) return bytes
    const copy = new Uint8Array(lend(Math.ceil(bytes.length / 4)).buffer, 0, bytes.length)
    copy.set(bytes)
    return copy
  }
}

/** Reads a file of lists, each a length followed by its words; some whole lists at a time. */
export async function* streamLists(storage: Storage, path: string): AsyncIterable<Uint32Array> {
  let rest = new Uint32Array(0)
  for await (const part of streamRecords(storage, path, 1)) {
    const words = new Uint32Array(rest.length + part.length)
    words.set(rest)
    words.set(part, rest.length)
    let end = 0
    while (end < words.length && end + (words[end] ?? 0) < words.length)
      end += (words[end] ?? 0) + 1
    if (end > 0) yield words.subarray(0, end)
    rest = words.slice(end)
  }
}

/** The lists of words packed one after the other, as views. */
export function* listsIn(words: Uint32Array): Iterable<Uint32Array> {
  for (let at = 0; at < words.length; at += (words[at] ?? 0) + 1)
    yield words.subarray(at + 1, at + 1 + (words[at] ?? 0))
}
