// Decides whether a line is an advertisement. Only whole lines are removed, and a line of prose
// that merely mentions an offer stays.
import { AFFILIATE, NETWORK, ORDER, SHARING, SHORT, STRONG, WHOLE_LINE } from './phrases.ts'

/** Lines longer than this in UTF-8 bytes are paragraphs and stay, whatever they say. */
export const LONGEST_LINE = 480

/** Lines with more words than this are prose and stay, whatever they say. */
export const MOST_WORDS = { strong: 25, short: 12, order: 30, affiliate: 25 }

/**
 * Lower case without vowel marks, tatweel and bidi marks; alef, yeh and teh marbuta in one
 * spelling.
 */
export function foldLine(line: string): string {
  return line
    .toLowerCase()
    .replace(/[\u064b-\u0655\u0670\u0640\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+/g, '')
    .replace(/[أإآٱ]/g, 'ا')
    .replace(/ى/g, 'ي')
    .replace(/ة/g, 'ه')
}

const URL = /(?:https?:\/\/|www\.)[^\s<>"'`)\]]+/giu
/** Headings and rows of tables are structure. */
const STRUCTURE = /^\s*(?:#{1,6}\s|={2,}|\||<|>\s)/
const NUMBER = /<PHONE(?:_\d+)?>|(?:[\d٠-٩۰-۹][\s().-]{0,2}){7,}/

/** Ways in which a line can be an advertisement; several flags can be set. */
export const MAY = {
  ...{
    addresses: 1,
    affiliate: 2,
    whole: 4,
    short: 8,
    strong: 16,
    sharing: 32,
    order: 64,
    tags: 128,
  },
  anything: 255,
} as const
/** Measures of the folded line. */
const FOLDED = MAY.anything & ~(MAY.addresses | MAY.tags)

/**
 * Returns whether the line, without its line break, is an advertisement. Checks only the ways in
 * `may`.
 */
export function isAdvertisement(line: string, may: number = MAY.anything): boolean {
  if (STRUCTURE.test(line)) return false
  const text = line.replace(URL, ' ')
  const urls = line.length - text.length > 0
  if (urls && may & MAY.addresses && isOnlyAddresses(text)) return true
  if (may & MAY.tags && isTagRow(line)) return true
  if ((may & FOLDED) === 0) return false
  const folded = foldLine(text)
    .replace(/[\s\u00a0]+/g, ' ')
    .trim()
  const words = folded.match(/[\p{L}\p{M}\p{N}]+/gu)?.length ?? 0
  const holds = (patterns: readonly RegExp[]): boolean =>
    patterns.some((pattern) => pattern.test(folded))
  return (
    (urls && may & MAY.affiliate && words <= MOST_WORDS.affiliate && AFFILIATE.test(line)) ||
    (may & MAY.whole && WHOLE_LINE.test(folded.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ''))) ||
    (may & MAY.short && words <= MOST_WORDS.short && holds(SHORT)) ||
    (may & MAY.strong && words <= MOST_WORDS.strong && holds(STRONG)) ||
    (may & MAY.sharing && isSharingRow(folded)) ||
    (may & MAY.order && words <= MOST_WORDS.order && NUMBER.test(line) && holds(ORDER)) ||
    false
  )
}

/** Only addresses; a label of one word (`Source:`) counts as part of the address. */
function isOnlyAddresses(rest: string): boolean {
  const words = rest.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  return words.length === 0 || (words.length === 1 && /^[\s*•-]*\p{L}+\s*:\s*$/u.test(rest))
}

/** At least three networks and hardly anything else: `Facebook | Twitter | WhatsApp`. */
function isSharingRow(folded: string): boolean {
  const words = folded
    .replace(/فيس بوك/g, 'فيسبوك')
    .replace(/واتس اب/g, 'واتساب')
    .split(/[^\p{L}\p{M}\p{N}+-]+/u)
  let networks = 0
  let others = 0
  for (const word of words) {
    if (word === '' || word === '+' || word === '-') continue
    if (NETWORK.test(word)) networks++
    else if (!SHARING.test(word) && !/^\d+$/.test(word)) others++
  }
  return networks >= 3 && others <= 1
}

/** At least three hashtags, or only pictures, and hardly any words. */
function isTagRow(line: string): boolean {
  const tokens = line.trim().split(/\s+/u)
  const tags = tokens.filter((token) => /^[#＃@][\p{L}\p{N}_]/u.test(token)).length
  const pictures = line.match(/\p{Extended_Pictographic}/gu)?.length ?? 0
  const words = tokens.filter((token) => /^[^#＃@]*[\p{L}\p{N}]/u.test(token)).length
  if (tags >= 3) return words <= Math.floor(tags / 2)
  return (
    pictures >= 3 &&
    words === 0 &&
    tags === 0 &&
    /^[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f\u200d\s]+$/u.test(line)
  )
}
