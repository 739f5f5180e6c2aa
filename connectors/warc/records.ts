import type { Context } from '../../src/core/component.ts'
import { EtlError } from '../../src/core/errors.ts'
import { type ByteQueue, byteQueue, joinBytes } from '../../src/files/byte-queue.ts'
import { decompress } from '../../src/files/compression/decompress.ts'
import { gunzip } from '../../src/files/compression/gunzip.ts'
import { compressionOf } from '../../src/files/compression/sniff.ts'
import { afterBytes } from '../../src/files/lines/lines.ts'

/**
 * Where reading resumes: an offset in the file at which decompression can start, and the number of
 * decompressed bytes to skip from there.
 */
export type RecordCursor = { readonly offset: number; readonly skip: number }

/** A record of a WARC file (ISO 28500). */
export interface WarcRecord {
  /** Header values by lower-case name. */
  readonly headers: ReadonlyMap<string, string>
  /** The content block; undefined if it exceeds the limit, in which case it is skipped unread. */
  readonly block: Uint8Array | undefined
  /**
   * File and position of the record, for messages: the offset of its gzip member, and the
   * decompressed bytes before it within that member.
   */
  readonly where: string
  readonly cursor: RecordCursor
}

/** Longest header of a record or of an HTTP message, in bytes. */
const MAX_HEAD_BYTES = 256 << 10

const PIECE = 16 << 10

/**
 * Yields the records of a file in order, one in memory at a time. Files usually have one gzip
 * member per record, so a cursor is the offset of a member. Other compression is read again from
 * the start on resume. Anything that is not a record ends the file with `input-corrupt`.
 */
export async function* readRecords(
  context: Context,
  path: string,
  label: string,
  maxRecordBytes: number,
  from: RecordCursor | undefined,
): AsyncIterable<WarcRecord> {
  const { chunks, place } = await open(context, path, label, from)
  const input = byteQueue(chunks)
  let cursor = from ?? { offset: 0, skip: 0 }
  let more = await skipBlankLines(input)
  cursor = place(input.position())
  while (more) {
    context.signal.throwIfAborted()
    const where = `${label}:byte ${cursor.offset}${cursor.skip > 0 ? `+${cursor.skip}` : ''}`
    const corrupt = (what: string) => new EtlError('input-corrupt', { where, what })
    const head = await readHead(input)
    if (!head || !/^WARC\/\d/.test(head)) throw corrupt('expected a WARC record here')
    const headers = readHeaders(head)
    const length = Number(headers.get('content-length') ?? Number.NaN)
    if (!Number.isSafeInteger(length) || length < 0)
      throw corrupt('the record has no valid Content-Length')
    const before = input.position()
    const block = length <= maxRecordBytes ? await input.take(length) : undefined
    if (!block) await input.skip(length)
    if (input.position() - before < length) throw corrupt('the record is truncated')
    cursor = place(input.position())
    // The bytes after this record may be damaged, but the record itself is complete: yield it
    // first.
    let failure: unknown
    try {
      more = await skipBlankLines(input)
      cursor = place(input.position())
    } catch (error) {
      failure = error
    }
    yield { headers, block, where, cursor }
    if (failure !== undefined) throw failure
  }
}

async function open(context: Context, path: string, label: string, from: RecordCursor | undefined) {
  const { storage } = context
  const compression = await compressionOf(storage, path)
  const { offset = 0, skip = 0 } = from ?? {}
  if (compression === 'none') {
    const start = offset + skip
    const place = (position: number): RecordCursor => ({ offset: start + position, skip: 0 })
    return { chunks: storage.stream(path, start), place }
  }
  if (compression !== 'gzip') {
    const chunks = afterBytes(decompress(storage, path, { compression, where: label }), skip, label)
    return {
      chunks,
      place: (position: number): RecordCursor => ({ offset: 0, skip: skip + position }),
    }
  }
  // Gzip members that the queue has not passed yet: their offset in the file and their start in the
  // decompressed bytes.
  const members: { readonly offset: number; readonly start: number }[] = []
  let unpacked = 0
  const chunks = gunzip(storage.stream(path, offset), label, (member) => {
    members.push({ offset: offset + member, start: unpacked })
  })
  const place = (position: number): RecordCursor => {
    while (members.length > 1 && (members[1]?.start ?? 0) <= position + skip) members.shift()
    const [member] = members
    return member
      ? { offset: member.offset, skip: position + skip - member.start }
      : { offset, skip }
  }
  const counted = async function* (): AsyncIterable<Uint8Array> {
    for await (const chunk of chunks) {
      unpacked += chunk.length
      yield chunk
    }
  }
  return { chunks: afterBytes(counted(), skip, label), place }
}

/** Skips the empty lines between records. Returns false at the end of the input. */
async function skipBlankLines(input: ByteQueue): Promise<boolean> {
  for (;;) {
    const piece = await input.takeSome(PIECE)
    const end = piece.findIndex((byte) => byte !== 0x0d && byte !== 0x0a)
    if (end !== -1) {
      input.giveBack(piece.length - end)
      return true
    }
    if (piece.length === 0) return false
  }
}

/**
 * The lines up to the first empty one; undefined if the input ends or the limit is reached before
 * it.
 */
async function readHead(input: ByteQueue): Promise<string | undefined> {
  let taken: Uint8Array = new Uint8Array(0)
  while (taken.length < MAX_HEAD_BYTES) {
    const piece = await input.takeSome(PIECE)
    if (piece.length === 0) return undefined
    taken = joinBytes([taken, piece])
    const end = headEnd(taken)
    if (end === -1) continue
    input.giveBack(taken.length - end)
    return Buffer.from(taken.subarray(0, end)).toString()
  }
  return undefined
}

/** Offset of the body, after the first empty line; -1 if there is none within the limit. */
export function headEnd(bytes: Uint8Array): number {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, MAX_HEAD_BYTES))
  const crlf = head.indexOf('\r\n\r\n')
  const lf = head.indexOf('\n\n')
  if (crlf !== -1 && (lf === -1 || crlf < lf)) return crlf + 4
  return lf === -1 ? -1 : lf + 2
}

/**
 * Parses the `Name: value` lines of a header. The first value of a repeated name counts; folded
 * lines are ignored.
 */
export function readHeaders(head: string): Map<string, string> {
  const headers = new Map<string, string>()
  for (const line of head.split(/\r?\n/).slice(1)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon)).trim().toLowerCase()
    if (name !== '' && !headers.has(name)) headers.set(name, line.slice(colon + 1).trim())
  }
  return headers
}
