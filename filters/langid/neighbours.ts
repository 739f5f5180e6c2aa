// Two confusions of the model in Arabic script that letters alone do not show.
import { type Evidence, evidenceOf } from './evidence.ts'

/** Bytes and words of a second opinion. */
const CLOSE_LOOK_BYTES = 1 << 16
const FEWEST_WORDS = 60
/**
 * How far the share of single letters exceeds a quarter of the share of Arabic function words: in
 * the sample to look closer, and then to decide. In texts of 60 words and more (fit halves of
 * NTREX-128 and OpenITI) it is -.03 to .2 for Shilha and -.2 to -.003 for Arabic.
 */
const SUSPICIOUS = -0.04
const BERBER = 0.005

/**
 * Whether a text that the model calls Arabic is Berber (Shilha): its particles stand alone as
 * single letters, and Arabic function words are few.
 */
export function isBerber(bytes: Uint8Array, start: number, end: number, sample: Evidence): boolean {
  if (excessOf(sample) < SUSPICIOUS) return false
  const close = evidenceOf(bytes, start, Math.min(end, start + CLOSE_LOOK_BYTES), 'arabic', true)
  return close.words >= FEWEST_WORDS && excessOf(close) > BERBER
}

const excessOf = ({ words, hits, odd }: Evidence): number => (odd - hits / 4) / Math.max(1, words)

/** Share of function words from which on a text in Persian letters is looked at as Arabic. */
const ARABIC_SHARE = 0.3
const FEWEST_ARABIC_WORDS = 5

/**
 * The text with Arabic yeh and kaf instead of the Persian ones that some keyboards write, if its
 * words are Arabic and it has any of them.
 */
export function arabicSpelling(
  bytes: Uint8Array,
  start: number,
  end: number,
  { words, hits }: Evidence,
): Uint8Array | undefined {
  if (words < FEWEST_ARABIC_WORDS || hits < ARABIC_SHARE * words) return undefined
  const copy = bytes.slice(start, end)
  let changed = false
  for (let at = 0; at < copy.length - 1; at++) {
    if (copy[at] === 0xdb && copy[at + 1] === 0x8c) copy.set(YEH, at)
    else if (copy[at] === 0xda && copy[at + 1] === 0xa9) copy.set(KAF, at)
    else continue
    changed = true
  }
  return changed ? copy : undefined
}

const YEH = [0xd9, 0x8a]
const KAF = [0xd9, 0x83]
