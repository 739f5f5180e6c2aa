// The lines of one text that hold a trigger: which are advertisements, and how much of the text is addresses.
import { isAdvertisement, LONGEST_LINE } from './line.ts'

/** What was found in one text. */
export interface LineCount {
  /** Byte ranges to take out, flat and ascending: start, end (past the line break), start, end… */
  readonly removed: readonly number[]
  readonly links: number
  /** Bytes in web addresses. */
  readonly urlBytes: number
  /** Lines with text; only counted where there are links. */
  readonly lines: number
}

const NEWLINE = 0x0a

/** Reads the lines of `bytes[start, end)` that hold one of the ascending `triggers`; fenced code is left alone. */
export function readLines(bytes: Buffer, start: number, end: number, triggers: Uint32Array): LineCount {
  const removed: number[] = []
  let links = 0
  let urlBytes = 0
  let fence = ''
  let lineEnd = start
  for (const trigger of triggers) {
    if (trigger < lineEnd) continue
    let lineStart = trigger
    while (lineStart > lineEnd && bytes[lineStart - 1] !== NEWLINE) lineStart--
    lineEnd = trigger
    while (lineEnd < end && bytes[lineEnd++] !== NEWLINE);
    const mark = fenceOf(bytes, lineStart, lineEnd)
    if (fence !== '' ? mark === fence : mark !== '') {
      fence = fence === '' ? mark : ''
      continue
    }
    if (fence !== '') continue
    const addresses = countAddresses(bytes, lineStart, lineEnd)
    links += addresses.links
    urlBytes += addresses.bytes
    if (lineEnd - lineStart > LONGEST_LINE) continue
    if (isAdvertisement(bytes.toString('utf8', lineStart, lineEnd).trimEnd())) removed.push(lineStart, lineEnd)
  }
  return { removed, links, urlBytes, lines: links === 0 ? 0 : linesWithText(bytes, start, end) }
}

/** ``` or ~~~ where a fence opens or closes. */
function fenceOf(bytes: Buffer, start: number, end: number): string {
  const [, mark = ''] =
    /^\s{0,12}(?:[>*-] )?(```|~~~)/.exec(bytes.toString('latin1', start, Math.min(end, start + 20))) ?? []
  return mark
}

/** Addresses from `http://`, `https://` or `www.` up to a blank, a quote, an angle or round bracket. */
function countAddresses(bytes: Buffer, start: number, end: number): { links: number; bytes: number } {
  let links = 0
  let length = 0
  for (let at = start; at < end; ) {
    const begin = addressFrom(bytes, at, end)
    if (begin === -1) break
    at = begin
    while (at < end && isAddressByte(bytes[at] ?? 0)) at++
    links++
    length += at - begin
  }
  return { links, bytes: length }
}

function addressFrom(bytes: Buffer, from: number, end: number): number {
  for (let at = from; at + 4 < end; at++) {
    const byte = bytes[at] ?? 0
    if (byte === 0x68 && isWebScheme(bytes, at)) return at
    if (byte === 0x77 && bytes[at + 1] === 0x77 && bytes[at + 2] === 0x77 && bytes[at + 3] === 0x2e) return at
  }
  return -1
}

function isWebScheme(bytes: Buffer, at: number): boolean {
  const text = bytes.toString('latin1', at, at + 8)
  return text === 'https://' || text.startsWith('http://')
}

const isAddressByte = (byte: number): boolean =>
  byte > 0x20 && byte !== 0x22 && byte !== 0x27 && byte !== 0x28 && byte !== 0x29 && byte !== 0x3c && byte !== 0x3e

function linesWithText(bytes: Buffer, start: number, end: number): number {
  let lines = 0
  let text = false
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0
    if (byte > 0x20) text = true
    else if (byte === NEWLINE) {
      if (text) lines++
      text = false
    }
  }
  return text ? lines + 1 : lines
}
