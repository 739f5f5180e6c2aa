import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import type { Document } from '../../src/core/document.ts'
import type { CorpusFilter } from '../../src/core/filter.ts'
import type { Storage } from '../../src/core/storage.ts'
import {
  decisionsOf,
  prose,
  type SketchStoreOptions,
  type SourcedDocument,
  sketchStoreOf,
  testContext,
} from '../../src/testing/index.ts'
import { decide } from './decide.ts'
import { minhash } from './index.ts'
import type { minhashOptions } from './options.ts'
import { openTestRun } from './testing.ts'

const words = (count: number, seed: number, alphabet = 'abcdefghijklmnopqrstuvwxyz'): string[] => {
  let state = seed * 2654435761 + 1
  const next = (bound: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
  const letters = [...alphabet]
  return Array.from({ length: count }, () =>
    Array.from({ length: 3 + next(6) }, () => letters[next(letters.length)]).join(''),
  )
}
const ARABIC = 'ابتثجحخدذرزسشصضطظعغفقكلمنهوي'
const text = (count: number, seed: number, alphabet?: string): string =>
  words(count, seed, alphabet).join(' ')

/** The text with every n-th word replaced. Each replacement changes five shingles. */
const edited = (original: string, every: number): string =>
  original
    .split(' ')
    .map((word, i) => (i % every === every - 1 ? `${word}x${i}` : word))
    .join(' ')

const document = (
  key: string,
  value: string,
  extra: Partial<Document> = {},
  source = 'a',
): SourcedDocument => ({
  source,
  document: prose(value, { key, ...extra }),
})

/** Storage that counts the files made, by the start of their name. */
function countingStorage(storage: Storage) {
  const names: string[] = []
  const counting: Storage = {
    ...storage,
    create(path, options) {
      names.push(path.slice(path.lastIndexOf('/') + 1))
      return storage.create(path, options)
    },
  }
  return {
    storage: counting,
    files: (start: string) => names.filter((name) => name.startsWith(`${start}-`)).length,
  }
}

async function run(
  documents: readonly SourcedDocument[],
  options: z.input<typeof minhashOptions> = {},
  store: SketchStoreOptions = {},
) {
  const filter = await minhash.create(minhash.options.parse(options), testContext('/'))
  return decisionsOf(filter, await sketchStoreOf(filter, documents, store))
}

/** Jaccard similarity of word 5-grams, the slow obvious way. */
function jaccard(a: string, b: string): number {
  const grams = (value: string): Set<string> => {
    const parts = value.split(' ')
    return new Set(parts.slice(4).map((_, i) => parts.slice(i, i + 5).join(' ')))
  }
  const left = grams(a)
  const right = grams(b)
  const shared = [...left].filter((gram) => right.has(gram)).length
  return shared / (left.size + right.size - shared)
}

describe('minhash', () => {
  it('removes exact copies, keeping the first source, then the longest text, then the smallest id', async () => {
    const body = text(60, 1)
    const { removed } = await run(
      [
        document('2', body, {}, 'b'),
        document('9', `${body} !!`),
        document('2', body),
        document('1', body),
        document('3', text(60, 2)),
      ],
      {},
      { sources: ['a', 'b'] },
    )
    expect(removed.map(({ id, reason, survivor }) => [id, reason, survivor])).toEqual([
      ['a:1', 'exact-duplicate', 'a:9'],
      ['a:2', 'exact-duplicate', 'a:9'],
      ['b:2', 'exact-duplicate', 'a:9'],
    ])
  })

  it('ignores case, marks, tatweel, letter forms, digits and punctuation of both scripts', async () => {
    const { removed } = await run([
      document('1', 'إنّ المدرسةَ الكبيرة في القاهرة، بُنيت عام ١٩٥٣؛ وسُمّيت «مدرسة العلوم»...'),
      document('2', 'ان المدرسه الكبيره في القاهره بنيت عام 1953 وسميت مدرســة العلوم'),
      document('3', 'The Great School -- built in 1953 -- was renamed “School of Science”.'),
      document('4', 'the great school built in ۱۹۵۳ was renamed school of science'),
    ])
    expect(removed.map(({ id, reason, survivor }) => [id, reason, survivor])).toEqual([
      ['a:2', 'exact-duplicate', 'a:1'],
      ['a:4', 'exact-duplicate', 'a:3'],
    ])
  })

  it.each([
    ['English', undefined],
    ['Arabic', ARABIC],
  ])('finds edited copies and says their exact similarity (%s)', async (_, alphabet) => {
    const original = text(400, 3, alphabet)
    const copy = edited(original, 45)
    const { removed } = await run([
      document('1', `${original} `),
      document('2', copy),
      document('3', text(400, 4, alphabet)),
    ])
    expect(removed).toHaveLength(1)
    expect(removed[0]?.reason).toBe('near-duplicate')
    expect(removed[0]?.similarity).toBeCloseTo(jaccard(original, copy), 6)
    expect(removed[0]?.similarity).toBeGreaterThanOrEqual(0.75)
  })

  it('keeps documents below the threshold, however much they share', async () => {
    const boilerplate = text(150, 5)
    const pages = Array.from({ length: 40 }, (_, i) =>
      document(`${i}`, `${boilerplate} ${text(100, 100 + i)}`),
    )
    expect(
      jaccard(pages[0]?.document.text as string, pages[1]?.document.text as string),
    ).toBeGreaterThan(0.4)
    expect((await run(pages)).removed).toEqual([])
  })

  it('never removes along a chain: A resembles B, B resembles C, A and C do not', async () => {
    const a = text(400, 6).split(' ')
    const b = [...a.slice(40), ...words(40, 7)]
    const c = [...b.slice(40), ...words(40, 8)]
    const [first, second, third] = [a.join(' '), b.join(' '), c.join(' ')]
    expect(jaccard(first, second)).toBeGreaterThan(0.75)
    expect(jaccard(second, third)).toBeGreaterThan(0.75)
    expect(jaccard(first, third)).toBeLessThan(0.75)
    const { removed } = await run([
      document('1', `${first}${'.'.repeat(900)}`),
      document('2', `${second}${'.'.repeat(500)}`),
      document('3', third),
    ])
    expect(removed.map(({ id, survivor }) => [id, survivor])).toEqual([['a:2', 'a:1']])
  })

  it('gives exact copies of a removed document its survivor, which is kept', async () => {
    const original = text(300, 8)
    const copy = edited(original, 60)
    const { removed } = await run([
      document('1', `${original}${'!'.repeat(500)}`),
      document('2', copy),
      document('3', copy),
    ])
    expect(removed.map(({ id, reason, survivor }) => [id, reason, survivor])).toEqual([
      ['a:2', 'near-duplicate', 'a:1'],
      ['a:3', 'near-duplicate', 'a:1'],
    ])
    expect(removed[0]?.similarity).toBe(removed[1]?.similarity)
  })

  it('compares texts too short for shingles only exactly, and code by more than its words', async () => {
    const code = (key: string, value: string) =>
      document(key, value, { kind: 'code', lang: 'javascript' })
    const { removed } = await run([
      document('1', 'two words'),
      document('2', 'Two, words'),
      document('3', 'two words more'),
      document('4', ''),
      document('5', '   '),
      document('6', '!?'),
      document('7', '☺☺☺'),
      code('c1', 'let a = b + c'),
      code('c2', 'let a = b - c'),
      code('c3', 'let a =\n  b + c'),
    ])
    expect(removed.map(({ id, survivor }) => [id, survivor])).toEqual([
      ['a:1', 'a:2'],
      ['a:4', 'a:5'],
      ['a:c1', 'a:c3'],
    ])
  })

  it('compares within a source or a language if the scope says so', async () => {
    const body = text(80, 9)
    const near = edited(text(400, 10), 60)
    const documents = [
      document('1', body, { lang: 'en' }),
      document('2', body, { lang: 'ar' }, 'b'),
      document('3', text(400, 10), { lang: 'en' }),
      document('4', near, { lang: 'en' }, 'b'),
    ]
    const ids = async (scope: 'source' | 'language' | 'global') =>
      (await run(documents, { scope })).removed.map(({ id }) => id)
    expect(await ids('source')).toEqual([])
    expect(await ids('language')).toHaveLength(1)
    expect(await ids('global')).toHaveLength(2)
  })

  it('never removes documents of an earlier corpus, and ranks them first', async () => {
    const body = text(400, 11)
    const documents = [
      document('old1', edited(body, 50), {}, 'z'),
      document('old2', edited(body, 55), {}, 'z'),
      document('old3', edited(body, 50), {}, 'z'),
      document('new', `${body} ${text(20, 12)}`),
    ]
    const { removed } = await run(documents, {}, { sources: ['a', 'z'], baseRows: 3 })
    expect(removed.map(({ id }) => id)).toEqual(['a:new'])
    expect(removed[0]?.survivor).toMatch(/^z:old/)
  })

  it('removes what is contained in a longer document when asked for containment', async () => {
    const long = text(500, 13)
    const part = long.split(' ').slice(0, 260).join(' ')
    const documents = [document('1', long), document('2', part)]
    expect((await run(documents)).removed).toEqual([])
    const { removed } = await run(documents, {
      similarity: 'containment',
      threshold: 0.9,
      bands: 28,
      rows: 4,
    })
    expect(removed).toEqual([
      { id: 'a:2', reason: 'near-duplicate', survivor: 'a:1', similarity: 1 },
    ])
  })

  it('reaches the same decisions with classic signatures', async () => {
    const original = text(400, 14)
    const { removed } = await run(
      [document('1', `${original}${'.'.repeat(99)}`), document('2', edited(original, 60))],
      {
        signature: 'classic',
      },
    )
    expect(removed.map(({ id }) => id)).toEqual(['a:2'])
  })

  it('compares an oversized group only with its first documents, and raises an alarm', async () => {
    const original = text(300, 15)
    const copies = Array.from({ length: 30 }, (_, i) =>
      document(String(i).padStart(2, '0'), `${edited(original, 80)} tail${i}`),
    )
    const { removed, alarms } = await run(copies, { maxComponent: 10, leaders: 3 })
    expect(removed).toHaveLength(29)
    expect(new Set(removed.map(({ survivor }) => survivor)).size).toBe(1)
    expect(alarms.map(({ code }) => code)).toEqual([
      'component-cap',
      'source-loss',
      'single-survivor',
    ])
    expect(alarms[0]?.message).toContain('a:')
  })

  it('makes the same decisions for any order of documents and any block size', async () => {
    const documents: SourcedDocument[] = []
    for (let family = 0; family < 30; family++) {
      const original = text(150, 200 + family)
      for (let copy = 0; copy < 6; copy++) {
        const value = copy < 2 ? original : edited(original, 20 + 17 * copy)
        documents.push(document(`${family}-${copy}`, value, {}, copy % 2 ? 'a' : 'b'))
      }
    }
    const sources = ['a', 'b']
    const once = await run(documents, {}, { sources })
    const again = await run(documents.toReversed(), {}, { sources, blockRows: 50 })
    expect(once.removed.length).toBeGreaterThan(60)
    expect(again).toEqual(once)
  })

  it.each([
    [8192, {}],
    [14, { bands: 2, rows: 4 }],
  ])(
    'decides the same when next to nothing fits in memory (%i bytes)',
    async (taskLimit, given) => {
      const documents: SourcedDocument[] = []
      for (let family = 0; family < 20; family++) {
        const original = text(120, 300 + family)
        for (let copy = 0; copy < 4; copy++) {
          documents.push(
            document(`${family}-${copy}`, copy < 2 ? original : edited(original, 20 + 17 * copy)),
          )
        }
      }
      // One family is so large that its records fill files that no task can hold.
      for (let copy = 0; copy < 50; copy++)
        documents.push(document(`x-${copy}`, `${text(150, 99)} tail${copy % 30}`))
      const options = minhash.options.parse(given)
      const filter = await minhash.create(options, testContext('/'))
      const decided = async (limit?: number) => {
        const store = await sketchStoreOf(filter, documents)
        const counted = countingStorage(store.storage)
        const limited: CorpusFilter = {
          ...filter,
          decide: (of) => decide(of, options, 1, { taskBytes: limit }),
        }
        const outcome = await decisionsOf(limited, { ...store, storage: counted.storage })
        return { outcome, windows: counted.files }
      }
      const wide = await decided()
      const tight = await decided(taskLimit)
      expect(wide.outcome.removed.length).toBeGreaterThan(70)
      expect(tight.outcome).toEqual(wide.outcome)
      // Tables over all documents in one window, or in as many as the limit asks for.
      for (const [name, bytesEach] of [
        ['signatures', 120],
        ['kept', 4],
        ['edges', 8],
        ['near', 12],
        ['lost-to', 4],
      ] as const) {
        expect(wide.windows(name), name).toBe(1)
        const perWindow = Math.max(1, Math.floor(taskLimit / bytesEach))
        expect(tight.windows(name), name).toBe(Math.ceil(documents.length / perWindow))
      }
    },
  )

  it('needs no more memory for more documents, and refuses a ceiling that is too low', async () => {
    const small = await openTestRun({ rows: 10, memoryBytes: 256 << 20 })
    const large = await openTestRun({ rows: 0xfffffff0, memoryBytes: 256 << 20 })
    // The memory of this process may have changed in between.
    expect(large.taskBytes).toBeGreaterThan(small.taskBytes * 0.9)
    await expect(openTestRun({ rows: 10, memoryBytes: 1 << 20 })).rejects.toMatchObject({
      code: 'memory-insufficient',
    })
  })

  it('does nothing for an empty corpus', async () => {
    expect(await run([])).toEqual({ removed: [], alarms: [] })
  })

  it('has a strict schema that accepts its own example and describes every option', () => {
    expect(minhash.options.safeParse(minhash.example).error).toBeUndefined()
    expect(minhash.options.safeParse({ surprise: 1 }).success).toBe(false)
    expect(minhash.options.safeParse({ bands: 20, rows: 8 }).error?.message).toContain(
      'must not exceed hashes',
    )
    for (const [name, schema] of Object.entries(minhash.options.shape)) {
      expect((schema as z.ZodType).description, `description of option ${name}`).toBeTruthy()
    }
    for (const name of minhash.thresholds)
      expect(Object.keys(minhash.options.shape)).toContain(name)
  })
})
