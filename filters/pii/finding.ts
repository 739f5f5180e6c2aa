/** Types of findings, and their placeholders. */
export const PLACEHOLDERS = {
  email: '<EMAIL>',
  key: '<KEY>',
  ipAddress: '<IP_ADDRESS>',
  phone: '<PHONE>',
  iban: '<IBAN>',
  card: '<CARD>',
  nationalId: '<NATIONAL_ID>',
} as const
export type PiiType = keyof typeof PLACEHOLDERS
export const PII_TYPES = Object.keys(PLACEHOLDERS) as PiiType[]

/** Bytes `[start, end)` of a passage and their type. */
export interface Finding {
  readonly start: number
  readonly end: number
  readonly type: PiiType
}

/**
 * The text being searched: bytes `[start, end)` of `bytes`. All positions are offsets into `bytes`.
 * Detectors look at small windows of it decoded as Latin-1, so that one character is one byte and
 * string indexes are byte offsets.
 */
export interface Passage {
  readonly bytes: Buffer
  readonly start: number
  readonly end: number
  /** Set for code, addresses and identifiers, where a bare number is hardly ever a telephone. */
  readonly strict: boolean
}

/** Bytes `[from, to)`, limited to the passage, one character per byte. */
export function windowOf(passage: Passage, from: number, to: number): string {
  return passage.bytes.toString('latin1', Math.max(from, passage.start), Math.min(to, passage.end))
}

/** UTF-8 text as it appears in a Latin-1 window, for patterns with Arabic words. */
export const inWindow = (text: string): string => Buffer.from(text).toString('latin1')

/**
 * Zero-width and bidi marks (U+200B–200F, 202A–202E, 2060–2069, FEFF, 061C) as they look in a
 * window.
 */
export const MARK =
  '(?:\\xe2\\x80[\\x8b-\\x8f\\xaa-\\xae]|\\xe2\\x81[\\xa0-\\xa9]|\\xef\\xbb\\xbf|\\xd8\\x9c)'
