import { type BlockWriter, blockWriter } from '../block-writer.ts'

/**
 * Running text on its way to the output. Spaces are decided late, so that the gaps that citations
 * leave can be closed.
 */
export interface Prose {
  /** Running TeX without commands: dashes and quotes become characters. */
  text(piece: string): void
  /** A piece that stays as it is, for example maths. */
  verbatim(piece: string): void
  space(): void
  /**
   * Marks that something was removed here. Brackets left empty and a blank before punctuation are
   * removed with it.
   */
  removed(): void
  paragraph(): void
  /** A block of whole lines. */
  lines(text: string): void
  heading(marker: string): void
  openItem(marker: string): void
  closeItem(): void
  finish(): string
}

const SPACE = 0x20
const isSpace = (code: number): boolean => code === SPACE || (code >= 0x09 && code <= 0x0d)

const CLOSING = /^[,.;:!?)\]،؛؟]/

/** What may remain between two citations removed from one bracket. */
const ONLY_SEPARATORS = /^[,;،؛\s]*$/

/** A writer for one text. */
export function proseWriter(): Prose {
  const writer: BlockWriter = blockWriter()
  let isSpaced = false
  let isGap = false
  /**
   * An opening bracket that is not written yet, because a citation may have been its only content.
   */
  let bracket = ''
  let bracketSpaced = false

  const write = (piece: string): void => {
    if (isGap && (bracket !== '' || CLOSING.test(piece))) isSpaced = false
    isGap = false
    if (bracket !== '') {
      if (bracketSpaced) writer.text(' ')
      writer.verbatim(bracket)
      bracket = ''
    }
    if (isSpaced) writer.text(' ')
    isSpaced = false
    writer.text(piece)
  }
  const flush = (): void => {
    if (bracket !== '' && !isGap) write('')
    bracket = ''
    isSpaced = false
    isGap = false
  }
  /**
   * Drops a bracket that holds nothing and returns the rest of the piece; undefined if the piece
   * holds only separators.
   */
  const closeEmpty = (piece: string): string | undefined => {
    if (ONLY_SEPARATORS.test(piece)) return undefined
    const closer = bracket === '(' ? ')' : ']'
    if (!piece.startsWith(closer)) return piece
    bracket = ''
    isSpaced = bracketSpaced
    return piece.slice(1)
  }
  return {
    text(raw) {
      let start = 0
      let end = raw.length
      while (start < end && isSpace(raw.charCodeAt(start))) start++
      while (end > start && isSpace(raw.charCodeAt(end - 1))) end--
      if (start > 0) isSpaced = true
      if (start === end) return
      let piece: string | undefined = characters(raw.slice(start, end))
      if (isGap && bracket !== '') piece = closeEmpty(piece)
      if (piece === undefined) return
      if (piece !== '') {
        const last = piece.at(-1)
        if (last === '(' || last === '[') {
          const before = piece.slice(0, -1)
          const body = before.trimEnd()
          if (body !== '') write(body)
          else if (bracket !== '') write('')
          bracketSpaced = body === '' ? isSpaced : body.length < before.length
          bracket = last
          isSpaced = false
          isGap = false
        } else write(piece)
      }
      if (end < raw.length) isSpaced = true
    },
    verbatim(piece) {
      write('')
      writer.verbatim(piece)
    },
    space() {
      isSpaced = true
    },
    removed() {
      isGap = true
    },
    paragraph() {
      flush()
      writer.end(2)
    },
    lines(text) {
      flush()
      writer.lines(text)
    },
    heading(marker) {
      flush()
      writer.end(2)
      writer.verbatim(marker)
    },
    openItem(marker) {
      flush()
      writer.open('item', marker, ' '.repeat(marker.length))
    },
    closeItem() {
      flush()
      writer.close('item')
    },
    finish() {
      flush()
      return writer.finish()
    },
  }
}

const SIGNS: Readonly<Record<string, string>> = {
  '---': '—',
  '--': '–',
  '``': '“',
  "''": '”',
  '`': "'",
}

function characters(piece: string): string {
  if (!/--|`|''/.test(piece)) return piece
  return piece.replace(/---?|``?|''/g, (sign) => SIGNS[sign] ?? sign)
}
