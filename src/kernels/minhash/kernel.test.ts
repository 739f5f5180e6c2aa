import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { overlap, shingler, shingleSet } from '../shingle/shingle.ts'
import type { SignatureKind, TextKernel } from '../shingle/text-kernel.ts'
import { textKernel } from './kernel.ts'
import { signer } from './minhash.ts'
import { referenceTextKernel } from './reference.ts'

const encoder = new TextEncoder()
const reference = referenceTextKernel()

/** Everything that a kernel computes from a text. */
function outcome(kernel: TextKernel, text: Uint8Array, kind: SignatureKind, size = 5, count = 112) {
  const from = shingler(size, kernel)
  const lanes = new Uint16Array(count)
  const words = signer(kind, count, from).sign(text, lanes)
  const digest = [...from.digest()]
  return { words, digest, lanes: [...lanes], set: [...shingleSet(text, from).hashes] }
}

/**
 * The distinct word n-grams of a text that is folded with strings and regular expressions: slow but
 * obvious.
 */
function obviousShingles(text: string, size = 5): Set<string> {
  const folded = text
    .toUpperCase()
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}\u0640]/gu, '')
    .toLowerCase()
    .replace(/ς/g, 'σ')
    .replace(/[ىیې]/g, 'ي')
    .replace(/[ةہھە]/g, 'ه')
    .replace(/[کڪ]/g, 'ك')
    .replace(/ٱ/g, 'ا')
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
  const words = folded.split(/[^\p{L}\p{N}_]+/u).filter((word) => word !== '')
  return new Set(words.slice(size - 1).map((_, i) => words.slice(i, i + size).join(' ')))
}

const wordsOf = (text: string) => shingler(5, reference).read(encoder.encode(text), () => undefined)
const digestOf = (text: string) => {
  const from = shingler(5, reference)
  from.read(encoder.encode(text), () => undefined)
  return from.digest().join()
}

const ALPHABETS = [
  'abcXYZé ,.',
  'ابةىئؤإآ َُّـ ،؟',
  '٠۱2３ _-\n',
  'ﷺﻻﬁ½²Ⅷß',
  '汉字한글日本',
  '😀𝒜𝟘𐐀\u{20000}\u{e0100}',
  '\u0000\ud7ff\ufeff\u200f',
]
const texts = fc.oneof(
  fc.string({ unit: fc.constantFrom(...ALPHABETS.join('')), maxLength: 400 }),
  fc
    .array(fc.constantFrom('to', 'be', 'or', 'not', 'في', 'من', 'إلى'), { maxLength: 300 })
    .map((words) => words.join(' ')),
)

describe('folding', () => {
  it.each([
    ['case', 'Hello WORLD Straße ΣΑΣ', 'hello world STRASSE σας'],
    ['marks', 'مُحَمَّدٌ', 'محمد'],
    ['composed and decomposed letters', 'caf\u00e9', 'cafe\u0301'],
    ['tatweel', 'العـــربية', 'العربية'],
    ['alef forms', 'أحمد إلى آخر ٱلكتاب', 'احمد الى اخر الكتاب'],
    ['yeh forms', 'على الذی', 'علي الذي'],
    ['teh marbuta', 'مدرسة', 'مدرسه'],
    ['hamza carriers', 'مؤمن رئيس', 'مومن رييس'],
    ['kaf forms', 'کتاب', 'كتاب'],
    ['digits of all scripts', '١٢٣ ۴۵۶ ७८९ ０', '123 456 789 0'],
    ['presentation forms and ligatures', 'ﻻ ﷲ ﬁle', 'لا الله file'],
    ['a ligature of several words', 'ﷺ', 'صلى الله عليه وسلم'],
    ['bidi controls and zero width', '\u200fabc\u202c d\u200def', 'abc def'],
    ['punctuation of both scripts', 'a،b؛c؟ «d» “e”', 'a b c d e'],
    ['mathematical letters', '𝒜𝟘', 'a0'],
  ])('levels %s', (_, left, right) => {
    expect(digestOf(left)).toBe(digestOf(right))
  })

  it.each([
    ['an underscore', 'foo_bar', 'foo bar'],
    ['word borders', 'ab c', 'a bc'],
    ['letters', 'كتاب', 'كتب'],
    ['order', 'a b', 'b a'],
    ['hamza alone', 'سماء', 'سما'],
  ])('keeps %s apart', (_, left, right) => {
    expect(digestOf(left)).not.toBe(digestOf(right))
  })

  it('finds no words in a text without any', () => {
    for (const text of ['', ' ', '!?…', '😀 ☺', 'ـــ', '\u200f\u202b'])
      expect(wordsOf(text)).toBe(0)
  })
})

describe('kernel against reference', () => {
  it.each(['fast-similarity', 'classic'] as const)('agrees on all kinds of text (%s)', (kind) => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 2, max: 9 }), (text, size) => {
        const bytes = encoder.encode(text)
        expect(outcome(textKernel(), bytes, kind, size)).toEqual(
          outcome(reference, bytes, kind, size),
        )
      }),
      { numRuns: 400 },
    )
  })

  it('agrees on any number of lanes', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 40 }), (text, count) => {
        const [ours, expected] = [textKernel(), reference].map((kernel) =>
          outcome(kernel, encoder.encode(text), 'fast-similarity', 2, count),
        )
        expect(ours).toEqual(expected)
      }),
      { numRuns: 200 },
    )
  })

  it('agrees on bytes that are not UTF-8', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(outcome(textKernel(), bytes, 'fast-similarity', 2)).toEqual(
          outcome(reference, bytes, 'fast-similarity', 2),
        )
      }),
      { numRuns: 400 },
    )
  })

  it.each([
    [
      'many words',
      () =>
        'lorem ipsum dolor '.repeat(30_000) +
        Array.from({ length: 70_000 }, (_, i) => `w${i}`).join(' '),
    ],
    ['one repeated word', () => 'همسة '.repeat(120_000)],
    ['one huge word', () => 'ب'.repeat(1 << 20)],
    ['ligatures of several words', () => 'ﷺ'.repeat(30_000)],
    [
      'words that never end at a multiple of sixteen bytes',
      () => 'ab cd ef gh ij k'.repeat(20_000),
    ],
    [
      'words of all lengths and scripts',
      () => {
        const letters = 'aZ9_ينةأّ٣éßжﬁ汉字ﷺ😀𝒜'
        const [short, long] = [[...letters], 'abcdefghijklmnopqrstuvwxyzابتثجحخ']
        return Array.from(
          { length: 100_000 },
          (_, i) => `${short[(i * i) % short.length]}${long.slice(i % 7, (i * 31) % 34)}`,
        ).join(' ')
      },
    ],
    ['no white space across windows', () => `${'a'.repeat(9)},`.repeat(120_000)],
  ])('agrees on a long text: %s', (_, make) => {
    const bytes = encoder.encode(make())
    expect(outcome(textKernel(), bytes, 'fast-similarity')).toEqual(
      outcome(reference, bytes, 'fast-similarity'),
    )
  })
})

describe('shingles', () => {
  it('have the same counts and overlaps as those of folded strings', () => {
    fc.assert(
      fc.property(texts, texts, fc.integer({ min: 0, max: 300 }), (one, other, cut) => {
        const mixed = one.slice(0, cut) + other
        const sets = [one, mixed].map((text) =>
          shingleSet(encoder.encode(text), shingler(3, textKernel())),
        )
        const slow = [one, mixed].map((text) => obviousShingles(text, 3))
        const shared = [...slow[0]!].filter((gram) => slow[1]!.has(gram)).length
        expect(overlap(sets[0]!, sets[1]!)).toEqual({
          shared,
          sizeA: slow[0]!.size,
          sizeB: slow[1]!.size,
        })
      }),
      { numRuns: 300 },
    )
  })

  it('are sampled where a text has too many, and estimate the same similarity', () => {
    const numbers = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => `n${from + i}`).join(' ')
    const from = shingler(5, textKernel())
    const [a, b] = [numbers(0, 40_000), numbers(10_000, 50_000)].map((text) => encoder.encode(text))
    const sampled = overlap(shingleSet(a!, from, 5000), shingleSet(b!, from))
    expect(sampled.sizeA).toBeLessThan(20_000)
    expect(sampled.shared / (sampled.sizeA + sampled.sizeB - sampled.shared)).toBeCloseTo(0.6, 1)
  })

  it('are copied only a few times however long the text, with a bounded number in memory', () => {
    const text = encoder.encode(
      Array.from({ length: 400_000 }, (_, i) => (i % 3 ? `كلمة${i}` : `word${i}`)).join(' '),
    )
    const from = shingler(5, textKernel())
    const whole = shingleSet(text, from)
    const copies = vi.spyOn(Object.getPrototypeOf(Uint32Array.prototype) as Uint32Array, 'set')
    try {
      const most = 60_000
      const sample = shingleSet(text, from, most)
      const copied = copies.mock.calls.map(([words]) =>
        words instanceof Uint32Array ? words.length : 0,
      )
      expect(copied.reduce((sum, length) => sum + length, 0)).toBeLessThan(4 * most)
      expect(sample.hashes.length).toBeGreaterThan(most / 2.5)
      expect(sample.hashes).toEqual(whole.hashes.filter((hash) => hash <= sample.limit))
    } finally {
      copies.mockRestore()
    }
  })
})

describe('signatures', () => {
  const family = (shared: number, own: number, seed: number) => {
    const text = (from: string, to: number) =>
      Array.from({ length: to }, (_, i) => `${from}${seed}x${i}`).join(' ')
    return [
      `${text('s', shared)} ${text('a', own)}`,
      `${text('s', shared)} ${text('b', own)}`,
    ] as const
  }

  it.each(['fast-similarity', 'classic'] as const)(
    'agree in a share of lanes equal to the similarity of the shingles (%s)',
    (kind) => {
      const from = shingler(5, textKernel())
      const sign = signer(kind, 112, from)
      for (const [shared, own] of [
        [20, 10],
        [60, 60],
        [300, 40],
      ] as const) {
        let error = 0
        let squares = 0
        const rounds = 300
        for (let seed = 0; seed < rounds; seed++) {
          const [one, other] = family(shared, own, seed).map((text) => encoder.encode(text))
          const {
            shared: both,
            sizeA,
            sizeB,
          } = overlap(shingleSet(one!, from), shingleSet(other!, from))
          const [left, right] = [new Uint16Array(112), new Uint16Array(112)]
          sign.sign(one!, left)
          sign.sign(other!, right)
          const estimate = left.filter((lane, i) => lane === right[i]).length / 112
          const difference = estimate - both / (sizeA + sizeB - both)
          error += difference / rounds
          squares += difference ** 2 / rounds
        }
        // Independent lanes have a standard deviation of at most √(¼/112) = 0.047. The mean of 300
        // has about a tenth of that.
        expect(Math.abs(error)).toBeLessThan(0.01)
        expect(Math.sqrt(squares)).toBeLessThan(kind === 'classic' ? 0.056 : 0.05)
      }
    },
  )
})
