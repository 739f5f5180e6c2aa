import {
  closeSync,
  createReadStream,
  fstatSync,
  openSync,
  read,
  readSync,
  writeSync,
} from 'node:fs'
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { promisify } from 'node:util'
import { glob, isDynamicPattern } from 'tinyglobby'
import type { ErrorCode } from '../core/error-codes.ts'
import { EtlError } from '../core/errors.ts'
import type { CreateOptions, FileInfo, ReadHandle, Storage, WriteHandle } from '../core/storage.ts'
import { makeFolder } from './make-folder.ts'

const READ_CHUNK = 1 << 18

const readByThread = promisify(read)

/**
 * Pieces up to this many bytes are read synchronously. For longer ones the overhead of libuv's
 * threads hardly matters.
 */
const READ_AT_ONCE = 1 << 20

/**
 * Pieces up to this many bytes are written synchronously, because handing them to libuv's threads
 * takes longer than the write; see docs/decisions/file-access.md.
 */
const WRITTEN_AT_ONCE = 1 << 18

/** Storage on the local file system. */
export function localStorage(): Storage {
  return { find, stat: statFile, open: openFile, stream: streamFile, create, rename: move, remove }
}

async function find(pattern: string): Promise<FileInfo[]> {
  const direct = await stat(pattern).catch(() => undefined)
  if (direct?.isFile()) return [{ path: pattern, size: direct.size }]
  if (!direct && !isDynamicPattern(pattern)) return []
  const paths = direct
    ? await glob('**', { cwd: pattern, absolute: true, followSymbolicLinks: false })
    : await glob(pattern, { absolute: true, followSymbolicLinks: false, expandDirectories: false })
  const files: FileInfo[] = []
  for (const path of paths.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))) {
    const info = await statFile(path)
    if (info) files.push(info)
  }
  return files
}

async function statFile(path: string): Promise<FileInfo | undefined> {
  const info = await stat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined
    throw failure('input-unreadable', path, error)
  })
  return info?.isFile() ? { path, size: info.size, modified: info.mtimeMs } : undefined
}

/** Milliseconds of synchronous work after which the event loop gets a turn. */
const TURN_MS = 20

let turned = performance.now()

/**
 * Lets timers and messages run. A loop of synchronous reads or writes alone would make a process
 * look dead.
 */
async function giveTurn(): Promise<void> {
  if (performance.now() - turned < TURN_MS) return
  await nextTurn()
  turned = performance.now()
}

/**
 * Opens and reads synchronously: the caller waits for the data anyway, and for short pieces the
 * detour through libuv's threads takes longer; see docs/decisions/file-access.md.
 */
async function openFile(path: string): Promise<ReadHandle> {
  let file: number
  try {
    file = openSync(path, 'r')
  } catch (error) {
    throw failure(isMissing(error) ? 'input-missing' : 'input-unreadable', path, error)
  }
  const { size } = fstatSync(file)
  let isOpen = true
  return {
    size,
    async read(offset, length, into) {
      await giveTurn()
      if (!isOpen) throw new Error(`${path} is closed`)
      const wanted = Math.max(0, Math.min(length, size - offset))
      const bytes = into?.subarray(0, wanted) ?? new Uint8Array(wanted)
      let filled = 0
      while (filled < wanted) {
        const rest = [bytes, filled, wanted - filled, offset + filled] as const
        const count =
          wanted > READ_AT_ONCE
            ? (await readByThread(file, ...rest)).bytesRead
            : readSync(file, ...rest)
        if (count === 0) break
        filled += count
      }
      return filled === wanted ? bytes : bytes.subarray(0, filled)
    },
    async close() {
      const wasOpen = isOpen
      isOpen = false
      if (wasOpen) closeSync(file)
    },
  }
}

async function* streamFile(
  path: string,
  start = 0,
  end = Number.POSITIVE_INFINITY,
): AsyncIterable<Uint8Array> {
  if (end <= start) return
  const stream = createReadStream(path, { start, end: end - 1, highWaterMark: READ_CHUNK })
  try {
    for await (const chunk of stream) yield chunk as Uint8Array
  } catch (error) {
    throw failure(isMissing(error) ? 'input-missing' : 'input-unreadable', path, error)
  } finally {
    stream.destroy()
  }
}

/**
 * Writes to a temporary file beside the target (`<name>.<pid>.tmp`). `commit` syncs it to disk,
 * renames it and syncs the folder. After a crash the target is therefore either the complete new
 * file or the old one.
 */
async function create(
  path: string,
  { mode, durable = true }: CreateOptions = {},
): Promise<WriteHandle> {
  const folder = dirname(path)
  const temporary = `${path}.${process.pid}.tmp`
  let handle: FileHandle | undefined
  try {
    await makeFolder(folder)
    handle = await open(temporary, 'w', mode ?? 0o666)
  } catch (error) {
    throw failure('output-unwritable', path, error)
  }
  const file = handle
  let open_ = true
  return {
    async write(bytes) {
      let done = 0
      try {
        await giveTurn()
        if (bytes.length <= WRITTEN_AT_ONCE)
          while (done < bytes.length) done += writeSync(file.fd, bytes, done)
        while (done < bytes.length) done += (await file.write(bytes, done)).bytesWritten
      } catch (error) {
        throw failure('output-unwritable', path, error)
      }
    },
    async commit() {
      try {
        if (durable) await file.sync()
        await file.close()
        open_ = false
        await rename(temporary, path)
        if (durable) await syncFolder(folder)
      } catch (error) {
        throw failure('output-unwritable', path, error)
      }
    },
    async abort() {
      if (!open_) return
      open_ = false
      await file.close()
      await rm(temporary, { force: true })
    },
  }
}

async function move(from: string, to: string): Promise<void> {
  try {
    await makeFolder(dirname(to))
    await rename(from, to)
    await syncFolder(dirname(to))
  } catch (error) {
    throw failure('output-unwritable', to, error)
  }
}

async function remove(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true })
  } catch (error) {
    throw failure('output-unwritable', path, error)
  }
}

/**
 * Makes a rename durable. Some file systems refuse to sync folders, but the rename itself is atomic
 * everywhere.
 */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}

function failure(code: ErrorCode, path: string, cause: unknown): EtlError {
  const what = cause instanceof Error ? cause.message : String(cause)
  return new EtlError(code, { where: path, what, cause })
}
