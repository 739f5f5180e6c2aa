import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { z } from 'zod'
import type { Filter } from '../../src/core/filter.ts'
import { buildModels, type SourceText } from '../../src/ngram/build.ts'
import { encodeModels } from '../../src/ngram/text-model.ts'
import { unitsOf } from '../../src/ngram/units.ts'
import { testContext } from '../../src/testing/context.ts'
import { applyFilter, prose, testFilter } from '../../src/testing/filter.ts'
import { perplexity } from './index.ts'

const GRAMMARS = {
  en: [
    'the old|a young|the tall|every quiet|one tired',
    'farmer|teacher|sailor|doctor|painter|student',
    'who lives near the|that came from the|of the small|behind the',
    'river|market|harbour|mountain|village|school',
    'often reads|never forgets|slowly repairs|always carries|gladly sells',
    'letters|boats|lamps|baskets|books|clocks',
    'in the morning.|after dinner.|before the rain.|during winter.',
  ],
  ar: [
    'يقرأ|يحمل|يبيع|يصلح|يرسم',
    'الفلاح|المعلم|البحار|الطبيب|الرسام|الطالب',
    'الذي يسكن قرب|القادم من|المقيم في|الجالس أمام',
    'النهر|السوق|الميناء|الجبل|القرية|المدرسة',
    'كتابا قديما|مصباحا صغيرا|قاربا جديدا|سلة كبيرة|ساعة ثمينة',
    'في الصباح|بعد العشاء|قبل المطر|أثناء الشتاء',
    'ثم يعود إلى بيته.|ولا ينسى أصحابه.|ويحمد الله كثيرا.',
  ],
} as const
type Language = keyof typeof GRAMMARS

/** Numbers from 0 to 1 that are the same in every run (the finaliser of MurmurHash3). */
function draws(seed: number): () => number {
  let count = seed * 1000
  return () => {
    let mixed = Math.imul(++count, 0x9e3779b1)
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32
  }
}

/** Five sentences of the grammar of a language. */
function clean(language: Language, seed: number): string {
  const next = draws(seed)
  const pick = (slot: string): string => {
    const choices = slot.split('|')
    return choices[Math.floor(next() * choices.length)] ?? ''
  }
  return Array.from({ length: 5 }, () => GRAMMARS[language].map(pick).join(' ')).join('\n')
}

function shuffled(text: string): string {
  const next = draws(text.length)
  const words = text.split(/\s+/).map((word) => [next(), word] as const)
  return words
    .sort(([a], [b]) => a - b)
    .map(([, word]) => word)
    .join(' ')
}

async function* texts(documents = 400): AsyncIterable<SourceText> {
  for (const lang of ['ar', 'en'] as const) {
    for (let seed = 0; seed < documents; seed++) {
      const text = clean(lang, seed)
      const bytes = Buffer.byteLength(text)
      yield { lang, heldOut: seed % 5 === 0, draw: (seed * 0.618) % 1, bytes, text: () => text }
    }
  }
}

const BUILD = { languages: ['ar', 'en'], order: 4, words: 1000, bytes: 1 << 20 }
const LANGUAGES = ['ar', 'en'] as const

let folder = ''
const model = 'reference.safetensors'
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'perplexity-'))
  const parts = encodeModels(await buildModels(() => texts(), BUILD))
  await writeFile(join(folder, model), Buffer.concat(parts))
})
const open = (
  options: Partial<z.input<typeof perplexity.options>> = {},
): Promise<Filter> | Filter =>
  perplexity.create(perplexity.options.parse({ model, ...options }), testContext(folder))

describe('contract', () => {
  testFilter({
    component: {
      ...perplexity,
      create: (options) => perplexity.create(options, testContext(folder)),
    },
    options: { model },
    documents: [
      prose(clean('en', 1001), { lang: 'en' }),
      prose(clean('ar', 1001), { lang: 'ar' }),
      { kind: 'code', lang: 'python', text: 'x = 1' },
    ],
  })
})

describe.each(LANGUAGES)('a model of %s', (lang) => {
  const fresh = Array.from({ length: 60 }, (_, index) => clean(lang, 5000 + index))
  const quantiles = async (some: readonly string[]) =>
    applyFilter(
      await open(),
      some.map((text) => prose(text, { lang })),
    ).values.map(({ quantile }) => Number(quantile))

  it('finds fresh text of the same kind as probable as its held-out documents', async () => {
    const found = await quantiles(fresh)
    const mean = found.reduce((sum, one) => sum + one, 0) / found.length
    expect(mean).toBeGreaterThan(0.4)
    expect(mean).toBeLessThan(0.6)
    const kept = applyFilter(
      await open({ tailFrom: 0.95 }),
      fresh.map((text) => prose(text, { lang })),
    )
    expect(kept.verdicts.filter((verdict) => verdict === undefined).length).toBeGreaterThan(50)
  })

  it.each([
    ['shuffled words', shuffled],
    ['reversed letters', (text: string) => [...text].reverse().join('')],
    ['letters read wrongly', (text: string) => text.replace(/[eaiاين]/g, 'x')],
    [
      'UTF-8 read as Latin-1',
      (text: string) => Buffer.from(text.replaceAll('e', 'é')).toString('latin1'),
    ],
    ['noise', (text: string) => text.replace(/\p{L}/gu, (letter) => `${letter}§`)],
  ])('finds %s less probable than any', async (_, damage) => {
    const damaged = fresh.map((text) => prose(damage(text), { lang }))
    expect(new Set(applyFilter(await open(), damaged).verdicts)).toEqual(
      new Set(['perplexity-tail']),
    )
  })

  it('scores the same text alike whatever its marks, digits and case', async () => {
    const text = clean(lang, 1)
    const marked = text.toUpperCase().replace(/(?<=[\u0621-\u064a])(?=[\u0621-\u064a])/g, '\u064e')
    const [a, b] = await quantiles([`${text} 1995`, `${marked} ٢٠٢٤`])
    expect(a).toBe(b)
  })
})

describe('judging', () => {
  const documents = Array.from({ length: 40 }, (_, index) =>
    prose(clean('en', 7000 + index), { lang: 'en' }),
  )

  it('keeps the wanted parts by the quantiles that the options give', async () => {
    const { values } = applyFilter(await open(), documents)
    const counts = async (options: object) => {
      const filter = await open(options)
      const verdicts = applyFilter(filter, documents).verdicts
      return ['head', 'middle', 'tail'].map(
        (bucket) => verdicts.filter((verdict) => verdict === `perplexity-${bucket}`).length,
      )
    }
    const below = (limit: number) =>
      values.filter(({ quantile }) => Number(quantile) <= limit).length
    const [head, middle, tail] = [below(0.2), below(0.7) - below(0.2), 40 - below(0.7)]
    expect(Math.min(head, middle, tail)).toBeGreaterThan(0)
    const at = { headUntil: 0.2, tailFrom: 0.7 }
    expect(await counts({ ...at, keep: ['tail'] })).toEqual([head, middle, 0])
    expect(await counts({ ...at, keep: ['middle'] })).toEqual([head, 0, tail])
    expect(await counts(at)).toEqual([0, 0, tail])
  })

  it('leaves short texts, code and languages without a model alone', async () => {
    const outcome = applyFilter(await open(), [
      prose('zxq wvk', { lang: 'en' }),
      prose('zxq wvk '.repeat(50), { lang: 'fr' }),
      { kind: 'code', lang: 'en', text: 'zxq wvk '.repeat(50) },
      prose('zxq wvk '.repeat(50), { lang: 'en' }),
    ])
    expect(outcome.verdicts).toEqual([undefined, undefined, undefined, 'perplexity-tail'])
    expect(outcome.values.map(({ words }) => words)).toEqual([2, 0, 0, 100])
  })

  it('needs thresholds in order', () => {
    expect(perplexity.options.safeParse({ model, headUntil: 0.8, tailFrom: 0.5 }).success).toBe(
      false,
    )
  })

  it('takes linear time, however long a word', async () => {
    const filter = await open()
    for (const part of ['a', '1', '(', '👩‍🚀', 'ـ', 'لا ', '\n', 'a\u0301']) {
      const text = part.repeat(200_000)
      const start = process.cpuUsage().user
      applyFilter(filter, [prose(text, { lang: 'en' })])
      expect((process.cpuUsage().user - start) / 1e6, part).toBeLessThan(3)
    }
  })
})

describe('the model file', () => {
  it('has the same bytes each time, and other ones for other texts', async () => {
    const bytes = async (documents: number) =>
      Buffer.concat(encodeModels(await buildModels(() => texts(documents), BUILD))).toString(
        'latin1',
      )
    const first = await bytes(100)
    expect((await bytes(100)) === first).toBe(true)
    expect((await bytes(101)) === first).toBe(false)
  })

  it('is part of the fingerprint by its hash', async () => {
    const [hash] = (await open()).fileHashes ?? []
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    const parts = encodeModels(await buildModels(() => texts(50), BUILD))
    await writeFile(join(folder, 'other.safetensors'), Buffer.concat(parts))
    expect((await open({ model: 'other.safetensors' })).fileHashes).not.toEqual([hash])
  })

  it('must be there and whole', async () => {
    await expect(open({ model: 'gone' })).rejects.toMatchObject({ code: 'input-missing' })
    for (const [name, bytes] of Object.entries({ empty: '', text: 'not a model of anything' })) {
      await writeFile(join(folder, name), bytes)
      await expect(open({ model: name })).rejects.toMatchObject({ code: 'input-corrupt' })
    }
  })

  it('samples a corpus that is larger than wanted', async () => {
    const [all, some] = await Promise.all(
      [1 << 20, 4000].map(async (bytes) => {
        const models = await buildModels(() => texts(), { ...BUILD, bytes })
        return models.get('en')?.counts[3]?.count.length ?? 0
      }),
    )
    expect(some).toBeGreaterThan(50)
    expect(some).toBeLessThan((all ?? 0) / 2)
  })
})

it('units are words, numbers and signs in one spelling', () => {
  expect(unitsOf('Don’t PAY 1,234 — or ٢٠٢٤!')).toEqual([
    'don',
    '’',
    't',
    'pay',
    '0',
    ',',
    '000',
    '—',
    'or',
    '0000',
    '!',
  ])
  expect(unitsOf('كَتَبَ، والكتـــاب\u200f')).toEqual(['كتب', '،', 'والكتاب'])
})
