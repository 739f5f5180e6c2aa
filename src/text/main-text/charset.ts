import { isUtf8 } from 'node:buffer'

/** Decoded text and the encoding that was used. */
export interface DecodedText {
  readonly text: string
  /** Name as in the Encoding Standard: `utf-8`, `windows-1256`. */
  readonly charset: string
}

/**
 * How many bytes are searched for the page's own declaration. Browsers search 1024, but pages with
 * long heads need more.
 */
const META_BYTES = 4096

/** Bytes that a guess is based on. */
const GUESS_BYTES = 64 << 10

/**
 * The most common Arabic letters: three quarters of any text (74–79 % of the project's own Arabic
 * samples).
 */
const COMMON_ARABIC = new Set('الينمورتبةهدعسأ')

/**
 * At least half of the letters must be common ones. Arabic decoded with the wrong Arabic code page
 * has only a quarter.
 */
const COMMON_SHARE = 0.5

/**
 * Decodes text of any origin, in this order: byte order mark, valid UTF-8, the declared encoding
 * (HTTP header before the page's own `<meta>`), then a guess between the Arabic code pages and
 * windows-1252. A declared Western code page is ignored if the bytes read as Arabic, because
 * servers send it by default.
 */
export function decodeText(bytes: Uint8Array, declared?: string): DecodedText {
  const marked = byteOrderMark(bytes)
  if (marked) return decodeAs(bytes, marked)
  if (isUtf8(bytes)) return decodeAs(bytes, 'utf-8')
  for (const label of [declared, metaCharset(bytes)]) {
    const charset = knownCharset(label)
    if (charset === undefined || charset.startsWith('utf-')) continue
    return decodeAs(bytes, isWestern(charset) ? guess(bytes) : charset)
  }
  // A page in UTF-8 with a few bad bytes is still UTF-8.
  const text = new TextDecoder().decode(bytes)
  return isMostlyUtf8(text) ? { text, charset: 'utf-8' } : decodeAs(bytes, guess(bytes))
}

/** Charset named in a `Content-Type` header. */
export function headerCharset(contentType: string | undefined): string | undefined {
  return /charset\s*=\s*["']?([\w.:-]+)/i.exec(contentType ?? '')?.[1]
}

/**
 * Whether bytes are not text in any encoding supported here: they have zeros and are not UTF-16.
 */
export function isBinary(bytes: Uint8Array): boolean {
  return (
    byteOrderMark(bytes)?.startsWith('utf-16') !== true &&
    bytes.subarray(0, GUESS_BYTES).includes(0)
  )
}

function byteOrderMark([first, second, third]: Uint8Array): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  return first === 0xfe && second === 0xff ? 'utf-16be' : undefined
}

function decodeAs(bytes: Uint8Array, charset: string): DecodedText {
  const text = new TextDecoder(charset).decode(bytes)
  return { text: charset === 'windows-1252' ? repairC1(text) : text, charset }
}

/**
 * Bytes 80 to 9F of windows-1252. Some versions of Node decode them as Latin-1, that is as control
 * characters.
 */
const C1 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'

function repairC1(text: string): string {
  return text.replace(/[\x80-\x9f]/g, (control) => C1[control.charCodeAt(0) - 0x80] ?? control)
}

function metaCharset(bytes: Uint8Array): string | undefined {
  const head = Buffer.from(bytes.subarray(0, META_BYTES)).toString('latin1')
  return /<meta\s[^>]{0,300}?charset\s*=\s*["']?([\w.:-]+)/i.exec(head)?.[1]
}

/** The standard name of a label; undefined if it is unknown. */
function knownCharset(label: string | undefined): string | undefined {
  if (label === undefined) return undefined
  try {
    return new TextDecoder(label).encoding
  } catch {
    return undefined
  }
}

const isWestern = (charset: string): boolean =>
  charset === 'windows-1252' || charset === 'iso-8859-1'

/** Whether fewer than one in twenty characters beyond ASCII is a replacement character. */
function isMostlyUtf8(text: string): boolean {
  const foreign = text.slice(0, GUESS_BYTES).match(/[^\0-\x7f]/g) ?? []
  return foreign.filter((letter) => letter === '\ufffd').length * 20 < foreign.length
}

function guess(bytes: Uint8Array): string {
  const sample = bytes.subarray(0, GUESS_BYTES)
  const scores = ['windows-1256', 'iso-8859-6'].map((charset) => {
    const letters = new TextDecoder(charset).decode(sample).match(/[^\0-\x7f]/g) ?? []
    const common = letters.filter((letter) => COMMON_ARABIC.has(letter)).length
    return { charset, share: common / Math.max(1, letters.length) }
  })
  const [best] = scores.sort((a, b) => b.share - a.share)
  return best && best.share >= COMMON_SHARE ? best.charset : 'windows-1252'
}
