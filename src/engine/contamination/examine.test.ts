import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { localStorage } from '../../files/local-storage.ts'
import { decontaminateOptions } from '../plan/contamination-options.ts'
import { tableRows } from './benchmarks.ts'
import {
  type ContaminationIndex,
  contaminationExaminer,
  contaminationIndex,
  emptyIndex,
} from './examine.ts'
import { settleContamination } from './outcome.ts'

const encoder = new TextEncoder()
const parse = (options: z.input<typeof decontaminateOptions> = {}) =>
  decontaminateOptions.parse(options)

const ENGLISH =
  'A train leaves the northern harbour at dawn carrying forty crates of oranges, and returns empty before the evening market closes.'
const ARABIC =
  'انطلقت السفينة الشراعيّة من ميناء صُور القديم عند الفجر وهي تحمل ثمانية وأربعين صندوقًا من التمور إلى أسواق البصرة البعيدة.'
const CODE = `function harmonicSumOfDivisors(limit) {
  let runningTotal = 0
  for (let divisor = 1; divisor <= limit; divisor++) {
    if (limit % divisor === 0) runningTotal += 1 / divisor
  }
  return Math.round(runningTotal * 1000) / 1000
}`

const indexOf = (
  texts: readonly string[],
  options: z.input<typeof decontaminateOptions> = {},
): ContaminationIndex => {
  const index = emptyIndex(parse(options))
  for (const text of texts) index.add('quiz', encoder.encode(text))
  return index
}

/** Numbers of the documents found contaminated. */
const found = (
  index: ContaminationIndex,
  documents: readonly string[],
  language = '',
): number[] => {
  const examiner = contaminationExaminer<number>(index)
  for (const [ref, text] of documents.entries())
    examiner.examine(ref, encoder.encode(text), language)
  return settleContamination(index, [examiner.result()]).contaminated.map(({ ref }) => ref)
}

describe('decontamination', () => {
  it.each(['words', 'characters'] as const)(
    'finds benchmark texts inside documents, whatever the spelling (%s)',
    (method) => {
      const documents = [
        `Before it. ${ENGLISH.toUpperCase().replaceAll(',', ' --')} After it.`,
        `قال الراوي: ${ARABIC.replaceAll(/\p{M}/gu, '').replaceAll('أ', 'ا').replaceAll('السفينة', 'الســفينه')} انتهى`,
        'A train leaves the harbour and returns in the evening with forty crates.',
        'انطلقت السفينة من ميناء صور عند الفجر ثم عادت إلى البصرة.',
      ]
      expect(found(indexOf([ENGLISH, ARABIC], { method }), documents)).toEqual([0, 1])
    },
  )

  it('finds a copy with a word changed here and there', () => {
    const words = `${ENGLISH} ${ENGLISH.split(' ').reverse().join(' ')}`.split(' ')
    const edited = words.map((word, i) => (i % 19 === 5 ? 'changed' : word)).join(' ')
    expect(found(indexOf([words.join(' ')]), [edited])).toEqual([0])
  })

  it('finds code by its solution, across formatting', () => {
    const index = indexOf([CODE], { limits: {} })
    expect(
      found(
        index,
        [`// helper\n${CODE.replaceAll(/\s+/g, ' ')}`, 'for (let i = 0; i < n; i++) {}'],
        'javascript',
      ),
    ).toEqual([0])
  })

  it('matches a text of at least five words as a whole and counts shorter ones', () => {
    const short = 'which harbour does the northern train leave at dawn every monday'
    const index = indexOf([short, 'who wrote it'])
    expect(found(index, [`Q: ${short}? A: ours`, 'who wrote it and when'])).toEqual([0])
    expect(settleContamination(index, []).benchmarks[0]).toMatchObject({ items: 2, tooShort: 1 })
  })

  it('matches a still shorter question as a complete sentence, in both scripts', () => {
    const index = indexOf(['من بنى الكعبة؟', 'Who wrote Hamlet?', 'من هو؟', 'wrote Hamlet himself'])
    const documents = [
      'سؤال: من بَنَى الكعبه؟ والجواب في الكتاب.',
      'First this. WHO WROTE HAMLET? Then that.',
      'لا يعرف أحد من بنى الكعبة. وسألوه: هل تعرف من بنى الكعبة؟',
      'Nobody knows who wrote Hamlet. Do you know who wrote Hamlet?',
      'من هو؟ wrote Hamlet himself',
      '',
      '?؟',
    ]
    expect(found(index, documents)).toEqual([0, 1])
    expect(settleContamination(index, []).benchmarks[0]).toMatchObject({ items: 4, tooShort: 2 })
  })

  it('ignores n-grams of mostly single letters, and n-grams in more than ten documents', () => {
    const letters = 'for i in range n for j in range m if a i j'
    expect(found(indexOf([letters]), [letters])).toEqual([])
    const licence = Array.from({ length: 11 }, (_, i) => `${ENGLISH} number ${i}`)
    expect(found(indexOf([ENGLISH]), licence)).toEqual([])
    expect(found(indexOf([ENGLISH]), licence.slice(1))).toHaveLength(10)
    const index = indexOf([ENGLISH])
    const examiner = contaminationExaminer<number>(index)
    for (const [ref, text] of licence.entries()) examiner.examine(ref, encoder.encode(text), '')
    expect(settleContamination(index, [examiner.result()]).benchmarks[0]).toMatchObject({
      found: 0,
      ignored: 9,
    })
  })

  it('finds the same however the documents are divided among workers', () => {
    const index = indexOf([ENGLISH, ARABIC, CODE])
    const documents = Array.from(
      { length: 40 },
      (_, i) => [ENGLISH, ARABIC, CODE, 'nothing'][i % 4] + (i < 12 ? '' : ` ${i}`),
    )
    const refs = documents.map((_, i) => i)
    const examined = (some: readonly number[]) => {
      const examiner = contaminationExaminer<number>(index)
      for (const ref of some)
        examiner.examine(
          ref,
          encoder.encode(documents[ref] ?? ''),
          ref % 4 === 2 ? 'javascript' : '',
        )
      return JSON.parse(JSON.stringify(examiner.result()))
    }
    const whole = settleContamination(index, [examined(refs)])
    const parts = settleContamination(index, [
      examined(refs.slice(0, 13)),
      examined(refs.slice(13, 14)),
      examined(refs.slice(14)),
    ])
    expect(parts).toEqual(whole)
    expect(whole.contaminated).toHaveLength(30)
  })

  it('measures contamination left in code by the other method, against the limit', () => {
    const index = indexOf([CODE], { minGramCharacters: 400 })
    const examiner = contaminationExaminer<number>(index)
    examiner.examine(0, encoder.encode(CODE), 'javascript')
    for (let ref = 1; ref < 100; ref++)
      examiner.examine(ref, encoder.encode(`let value${ref} = ${ref}`), 'javascript')
    for (let ref = 100; ref < 200; ref++)
      examiner.examine(ref, encoder.encode(`value${ref} = ${ref}`), 'python')
    const { contaminated, languages, exceeded } = settleContamination(index, [examiner.result()])
    expect(contaminated).toEqual([])
    expect(languages).toEqual([
      { language: 'javascript', documents: 100, contaminated: 1, share: 0.01, limit: 0.005 },
      { language: 'python', documents: 100, contaminated: 0, share: 0 },
    ])
    expect(exceeded.map(({ language }) => language)).toEqual(['javascript'])
  })

  it('measures the documents that remain: without dropped ones, with those only reported', () => {
    for (const [action, contaminated] of [
      ['drop', 0],
      ['report', 1],
    ] as const) {
      const index = indexOf([CODE], { action })
      const examiner = contaminationExaminer<number>(index)
      examiner.examine(0, encoder.encode(CODE), 'javascript')
      examiner.examine(1, encoder.encode('let one = 1'), 'javascript')
      const outcome = settleContamination(index, [examiner.result()])
      expect(outcome.contaminated).toHaveLength(1)
      expect(outcome.languages[0]).toMatchObject({ documents: 1 + contaminated, contaminated })
    }
  })

  it('protects its own eval and test documents from copies twice as long as an n-gram', () => {
    const index = emptyIndex(parse())
    const words = Array.from({ length: 200 }, (_, i) => `held${i}out`)
    index.addOwn('eval', encoder.encode(words.join(' ')))
    const quotes = [words.slice(31, 57), words.slice(90, 97)].map(
      (quote) => `as said ${quote.join(' ')} by them`,
    )
    expect(found(index, quotes)).toEqual([0])
    expect(index.grams.set.size).toBe(15)
  })

  it('finds every n-gram of a text longer than its buffers', () => {
    for (const method of ['words', 'characters'] as const) {
      const filler = Array.from({ length: 90_000 }, (_, i) => `w${i}`).join(' ')
      const texts = Array.from(
        { length: 7 },
        (_, i) => `${filler.slice(i * 11, 120_000 + i * 4999)} ${ENGLISH} ${filler}`,
      )
      expect(found(indexOf([ENGLISH], { method }), texts)).toEqual([0, 1, 2, 3, 4, 5, 6])
    }
  })
})

describe('benchmark files', () => {
  const write = async (name: string, content: string | Uint8Array) => {
    const folder = await mkdtemp(join(tmpdir(), 'cosmos-etl-benchmarks-'))
    await writeFile(join(folder, name), content)
    return folder
  }
  const load = async (name: string, content: string | Uint8Array, fields?: string[]) => {
    const options = parse({
      benchmarks: [{ name: 'quiz', input: name, ...(fields ? { fields } : {}) }],
    })
    return contaminationIndex(options, localStorage(), await write(name, content), 64 << 20)
  }
  const record = { task: 'q/1', prompt: ENGLISH, nested: [{ solution: ARABIC }] }

  it.each([
    ['quiz.jsonl', `${JSON.stringify(record)}\n\n`],
    ['quiz.jsonl.gz', gzipSync(JSON.stringify(record))],
    ['quiz.json', JSON.stringify({ data: [record] })],
    ['quiz.csv', `prompt,solution\n"${ENGLISH} ""quoted""",\n,"${ARABIC}\n"\n`],
    ['quiz.tsv', `prompt\tsolution\n${ENGLISH}\t${ARABIC}`],
    ['quiz.txt', `${ENGLISH}\n${ARABIC}`],
  ])('are read from %s', async (name, content) => {
    expect(found(await load(name, content), [ENGLISH, ARABIC, 'neither'])).toEqual([0, 1])
  })

  it('are protected in the named fields only', async () => {
    expect(
      found(await load('quiz.jsonl', JSON.stringify(record), ['solution']), [ENGLISH, ARABIC]),
    ).toEqual([1])
  })

  it.each([
    ['quiz.jsonl', '{"a": "b"}\n{broken', 'input-corrupt', 'quiz.jsonl:2'],
    ['quiz.json', '{"a": ', 'input-corrupt', 'quiz.json'],
    ['quiz.parquet', 'PAR1', 'input-unsupported', 'quiz.parquet'],
  ])('are an error if they cannot be read: %s', async (name, content, code, where) => {
    await expect(load(name, content)).rejects.toMatchObject({
      code,
      where: expect.stringContaining(where),
    })
  })

  it('are an error if the named fields have no text', async () => {
    await expect(load('quiz.jsonl', JSON.stringify(record), ['promt'])).rejects.toMatchObject({
      code: 'input-missing',
      message: expect.stringContaining('promt'),
    })
  })

  it('may be nested as deeply as JSON.parse allows', async () => {
    const deep = `${'['.repeat(20_000)}${JSON.stringify(ENGLISH)}${']'.repeat(20_000)}`
    expect(found(await load('quiz.jsonl', deep), [ENGLISH, ARABIC])).toEqual([0])
  })

  it('are an error if they are missing', async () => {
    const options = parse({ benchmarks: [{ name: 'quiz', input: 'nowhere.jsonl' }] })
    await expect(
      contaminationIndex(options, localStorage(), tmpdir(), 64 << 20),
    ).rejects.toMatchObject({
      code: 'input-missing',
    })
  })

  it('may quote anything in comma-separated values', () => {
    expect(tableRows('a,b\r\n"x,""y""\n",z\n', ',')).toEqual([
      ['a', 'b'],
      ['x,"y"\n', 'z'],
    ])
  })

  it('are an error if their n-grams do not fit in memory', async () => {
    const index = emptyIndex(parse(), 1 << 18)
    const text = Array.from({ length: 20_000 }, (_, i) => `benchmark${i}`).join(' ')
    expect(() => index.add('quiz', encoder.encode(text))).toThrow(/do not fit/)
  })
})
