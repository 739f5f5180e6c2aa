// Repeated word n-grams. Shares of characters are divided by Gopher's limit for their n, so that 1 is the limit for every n.

/** Most frequent n-gram, by n: its share of all characters (Gopher, table A1). */
const TOP_LIMITS: Readonly<Record<number, number>> = { 2: 0.2, 3: 0.18, 4: 0.16 }
/** n-grams seen before, by n: their share of all characters (Gopher, table A1). */
const REPEATED_LIMITS: Readonly<Record<number, number>> = { 5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.1 }

/** The largest share of a most frequent n-gram, and of repeated n-grams, over their limits. */
export interface Repetition {
  readonly topNgrams: number
  readonly repeatedNgrams: number
}

/** Measures the n-grams of some words. */
export function repetition(words: readonly string[]): Repetition {
  const numbers = numberWords(words)
  const ends = new Float64Array(words.length + 1)
  for (const [i, word] of words.entries()) ends[i + 1] = (ends[i] ?? 0) + word.length
  const total = ends[words.length] ?? 0
  if (total === 0) return { topNgrams: 0, repeatedNgrams: 0 }
  const largest = (limits: Readonly<Record<number, number>>, measure: typeof topLength): number =>
    Math.max(...Object.entries(limits).map(([n, limit]) => measure(numbers, ends, Number(n)) / total / limit))
  return { topNgrams: largest(TOP_LIMITS, topLength), repeatedNgrams: largest(REPEATED_LIMITS, repeatedLength) }
}

function numberWords(words: readonly string[]): Uint32Array {
  const known = new Map<string, number>()
  return Uint32Array.from(words, (word) => {
    const number = known.get(word) ?? known.size + 1
    known.set(word, number)
    return number
  })
}

/** 52 bits of two multiplicative hashes of the n words from `start`. */
function ngramAt(numbers: Uint32Array, start: number, n: number): number {
  let a = 0x811c9dc5
  let b = 0x9e3779b9
  for (let i = start; i < start + n; i++) {
    const number = numbers[i] ?? 0
    a = Math.imul(a ^ number, 0x01000193)
    a ^= a >>> 15
    b = Math.imul(b + number, 0x85ebca6b)
    b ^= b >>> 13
  }
  return (a & 0x3ffffff) * 0x4000000 + (b & 0x3ffffff)
}

/** Characters in all occurrences of the most frequent n-gram, if it occurs twice; of equals, the longest. */
function topLength(numbers: Uint32Array, ends: Float64Array, n: number): number {
  const counts = new Map<number, number>()
  let most = 1
  let longest = 0
  for (let i = 0; i + n <= numbers.length; i++) {
    const key = ngramAt(numbers, i, n)
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    if (count < most || count === 1) continue
    const length = (ends[i + n] ?? 0) - (ends[i] ?? 0)
    longest = count > most ? length : Math.max(longest, length)
    most = count
  }
  return most * longest
}

/** Characters of n-grams that have occurred before, none counted twice. */
function repeatedLength(numbers: Uint32Array, ends: Float64Array, n: number): number {
  const seen = new Set<number>()
  let length = 0
  for (let i = 0; i + n <= numbers.length; ) {
    const key = ngramAt(numbers, i, n)
    if (seen.has(key)) {
      length += (ends[i + n] ?? 0) - (ends[i] ?? 0)
      i += n
    } else {
      seen.add(key)
      i++
    }
  }
  return length
}
