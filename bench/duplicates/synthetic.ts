import { seededRandom } from './random.ts'
import type { Documents } from './store.ts'
import { randomWords } from './texts.ts'

/** One document in ten is an exact copy of an earlier one, and one in ten an edited copy. */
const EXACT = 3
const EDITED = 7

/** Names and sources of synthetic documents. */
export function syntheticIds(total: number): Omit<Documents, 'text'> {
  return {
    rows: total,
    sources: ['s0', 's1', 's2', 's3', 's4', 's5', 's6', 's7', 's8', 's9'],
    id: (row) => `s${row % 10}:${row}`,
    source: (row) => row % 10,
    isCode: () => false,
  }
}

/** Documents of 40 to 120 words, generated from their number on demand. */
export function syntheticDocuments(total: number): Documents {
  const phrases = makePhrases()
  const half = phrases.length / 2
  const buffer = new Uint8Array(8192)
  const original = (row: number): number => {
    const kind = row % 10
    return row >= 10 && (kind === EXACT || kind === EDITED)
      ? row - kind - 10 + (kind === EXACT ? 0 : 1)
      : row
  }
  return {
    ...syntheticIds(total),
    text(row) {
      const random = seededRandom(original(row))
      const edited = row % 10 === EDITED && row >= 10
      const length = 5 + random.below(10)
      const language = random.below(2) * half
      let at = 0
      for (let i = 0; i < length; i++) {
        const number = random.below(half)
        const phrase = phrases[language + ((number + (edited && i === 0 ? row : 0)) % half)]!
        buffer.set(phrase, at)
        at += phrase.length
      }
      return buffer.slice(0, at)
    },
  }
}

/**
 * Phrases of eight words, half English, half Arabic: so many that two texts hardly share one.
 */
function makePhrases(): Uint8Array[] {
  const encoder = new TextEncoder()
  const random = seededRandom(1)
  const phrases = (language: 'ar' | 'en') =>
    Array.from({ length: 1 << 17 }, () =>
      encoder.encode(`${randomWords(random, language, 8).join(' ')} `),
    )
  return [...phrases('en'), ...phrases('ar')]
}
