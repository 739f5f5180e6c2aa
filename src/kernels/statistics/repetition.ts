// Measures repeated runs of words (n-grams) as Gopher does. The kernel is ./assembly-repetition.ts.

/** For the first lengths the most frequent n-gram is measured, for the others all repetitions. */
const TOP_NGRAMS = [2, 3, 4]
const REPEATED_NGRAMS = [5, 6, 7, 8, 9, 10]

/**
 * For each n of `TOP_NGRAMS`, then of `REPEATED_NGRAMS`, how many UTF-16 units the words of those
 * n-grams take up.
 */
export function ngramLengths(words: readonly string[]): number[] {
  const numbers = numberWords(words)
  const ends = new Float64Array(words.length + 1)
  for (const [i, word] of words.entries()) ends[i + 1] = ends[i]! + word.length
  return [
    ...TOP_NGRAMS.map((n) => topLength(numbers, ends, n)),
    ...REPEATED_NGRAMS.map((n) => repeatedLength(numbers, ends, n)),
  ]
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
    const number = numbers[i]!
    a = Math.imul(a ^ number, 0x01000193)
    a ^= a >>> 15
    b = Math.imul(b + number, 0x85ebca6b)
    b ^= b >>> 13
  }
  return (a & 0x3ffffff) * 0x4000000 + (b & 0x3ffffff)
}

/**
 * Length of all occurrences of the most frequent n-gram, 0 if none occurs twice. Of equally
 * frequent ones, the longest.
 */
function topLength(numbers: Uint32Array, ends: Float64Array, n: number): number {
  const counts = new Map<number, number>()
  let most = 1
  let longest = 0
  for (let i = 0; i + n <= numbers.length; i++) {
    const key = ngramAt(numbers, i, n)
    const count = (counts.get(key) ?? 0) + 1
    counts.set(key, count)
    if (count < most || count === 1) continue
    const length = ends[i + n]! - ends[i]!
    longest = count > most ? length : Math.max(longest, length)
    most = count
  }
  return most * longest
}

/** Length of n-grams that occurred before, with no word counted twice. */
function repeatedLength(numbers: Uint32Array, ends: Float64Array, n: number): number {
  const seen = new Set<number>()
  let length = 0
  for (let i = 0; i + n <= numbers.length; ) {
    const key = ngramAt(numbers, i, n)
    if (seen.has(key)) {
      length += ends[i + n]! - ends[i]!
      i += n
    } else {
      seen.add(key)
      i++
    }
  }
  return length
}
