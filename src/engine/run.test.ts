import { mkdtemp, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeEach, describe, expect, it } from 'vitest'
import type { RunReport } from '../core/report.ts'
import { localStorage } from '../files/local-storage.ts'
import { testContext } from '../testing/context.ts'
import { publishedHashes } from '../testing/killing.ts'
import { inspectCorpus } from './corpus/browse.ts'
import { explainDocument } from './corpus/story.ts'
import { runManifest } from './run.ts'
import { testRegistry } from './testing/components.ts'

const workerScript = fileURLToPath(
  new URL('../../dist/src/engine/testing/worker.js', import.meta.url),
)
const storage = localStorage()

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-'))
})

interface Input {
  readonly key: string
  readonly text: string
  readonly author?: string
  readonly revised?: string
}

const document = ({ key, text, ...rest }: Input) =>
  JSON.stringify({ key, text, kind: 'prose', ...rest })

/** Forty documents; some are short, secret, copies, malformed rows or empty. */
function defaultLines(prefix: string): string[] {
  const lines = Array.from({ length: 40 }, (_, index) =>
    document({
      key: `${prefix}${index}`,
      text: `Document number ${index} of ${prefix}, مستند رقم ${index}.`,
    }),
  )
  lines[3] = document({ key: `${prefix}short`, text: 'short' })
  lines[5] = '!skip'
  lines[8] = document({
    key: `${prefix}secret-id`,
    text: 'a secret text that is kept',
    author: 'the secret author',
  })
  lines[9] = document({ key: `${prefix}loud`, text: 'secret secret secret secret secret' })
  lines[12] = document({ key: `${prefix}copy`, text: 'The same words in several places.' })
  lines[13] = document({ key: `${prefix}copy2`, text: 'The same words in several places.' })
  lines[20] = document({ key: `${prefix}empty`, text: ' \n ' })
  lines[21] = document({ key: `${prefix}short-secret`, text: 'secret' })
  return lines
}

const FILTERS = [{ type: 'length', minBytes: 8 }, { type: 'censor' }, { type: 'same-text' }]

async function writeManifest(change: Record<string, unknown> = {}): Promise<string> {
  const path = join(folder, 'manifest.json')
  const manifest = {
    name: 'test',
    output: 'out',
    sources: [
      { name: 'first', type: 'lines', input: 'a*.jsonl' },
      { name: 'second', type: 'lines', input: 'b*.jsonl' },
    ],
    filters: FILTERS,
    split: { train: 60, eval: 20, test: 20 },
    limits: { segmentBytes: 1024 },
    ...change,
  }
  await writeFile(path, JSON.stringify(manifest))
  return path
}

async function writeInputs(): Promise<void> {
  await writeFile(join(folder, 'a1.jsonl'), defaultLines('a').join('\n'))
  await writeFile(join(folder, 'a2.jsonl'), defaultLines('c').join('\n'))
  await writeFile(join(folder, 'b.jsonl'), defaultLines('b').join('\n'))
}

function run(
  path: string,
  change: Partial<Parameters<typeof runManifest>[1]> = {},
): Promise<RunReport> {
  return runManifest(path, {
    registry: testRegistry,
    workerScript,
    workers: 2,
    signal: new AbortController().signal,
    onEvent: () => undefined,
    version: '0.0.0',
    views: { 'report.html': (report) => report.name },
    ...change,
  })
}

const published = (output = join(folder, 'out')) => publishedHashes(output)

/**
 * Expects `read` to equal skipped + dropped + published, and the shards to hold what the report
 * says.
 */
async function expectBalanced(report: RunReport, output = 'out'): Promise<void> {
  for (const source of report.sources) {
    const items = (tallies: Iterable<{ items: number }>) =>
      [...tallies].reduce((sum, one) => sum + one.items, 0)
    const total =
      items(source.skipped) + items(source.dropped) + items(Object.values(source.published))
    expect(source.read, source.source).toBe(total)
  }
  const counts: Record<string, number> = {}
  for await (const { split } of inspectCorpus(storage, join(folder, output)))
    counts[split] = (counts[split] ?? 0) + 1
  for (const [split, { documents }] of Object.entries(report.splits))
    expect(counts[split] ?? 0).toBe(documents)
}

describe('a run', () => {
  it('accounts for every item as published, dropped or skipped', async () => {
    await writeInputs()
    const report = await run(await writeManifest())
    await expectBalanced(report)
    const first = report.sources[0]
    expect(first?.read).toBe(80)
    expect(first?.skipped).toEqual([
      { reason: 'bad-row', items: 2, places: ['a1.jsonl:6', 'a2.jsonl:6'] },
    ])
    const dropped = Object.fromEntries(
      first?.dropped.map((drop) => [`${drop.filter}:${drop.reason}`, drop.documents]) ?? [],
    )
    expect(dropped).toEqual({
      'length:short': 4,
      'censor:too-many-secrets': 2,
      'same-text:copy': 4,
      'engine:empty': 2,
    })
    expect(Object.keys(await published())).toContain('train/train-00000-of-00001.arrow')
  })

  it('raises an alarm for a source that yields no documents', async () => {
    await writeInputs()
    await writeFile(join(folder, 'a1.jsonl'), '')
    await writeFile(join(folder, 'a2.jsonl'), '')
    await writeFile(join(folder, 'b.jsonl'), '!skip\n!skip')
    const { alarms } = await run(await writeManifest())
    expect(alarms).toEqual([
      { code: 'nothing-read', message: 'the inputs of first hold nothing that could be read' },
      { code: 'all-skipped', message: 'all 2 items of second were skipped, most as bad-row' },
    ])
  })

  it('reads an edited file again even if its length is unchanged', async () => {
    await writeInputs()
    const path = await writeManifest()
    const text = 'A text that has one word wrong.'
    await writeFile(join(folder, 'b.jsonl'), document({ key: 'edited', text }))
    await run(path)
    const textOf = async (): Promise<string> => {
      for await (const { row } of inspectCorpus(storage, join(folder, 'out')))
        if (row.id === 'second:edited') return String(row.text)
      return ''
    }
    expect(await textOf()).toBe(text)
    await writeFile(
      join(folder, 'b.jsonl'),
      document({ key: 'edited', text: text.replace('wrong', 'right') }),
    )
    await run(path)
    expect(await textOf()).toBe(text.replace('wrong', 'right'))
  })

  it('publishes the same bytes for any number of workers and when run again', async () => {
    await writeInputs()
    const path = await writeManifest()
    await run(path, { workers: 1 })
    const one = await published()
    await run(path, { workers: 1 })
    expect(await published()).toEqual(one)
    for (const workers of [2, 4]) {
      const other = await writeManifest({ output: `out${workers}` })
      await run(other, { workers })
      const { 'corpus.json': _, ...rest } = await published(join(folder, `out${workers}`))
      expect(one).toMatchObject(rest)
    }
  })

  it('redacts everything it publishes, even rows dropped before redaction', async () => {
    await writeInputs()
    await run(await writeManifest())
    for await (const { row } of inspectCorpus(storage, join(folder, 'out'))) {
      expect(JSON.stringify({ ...row, reason: '' })).not.toContain('secret')
    }
    const [story] = await explainDocument(storage, join(folder, 'out'), 'first:ashort-<REDACTED>')
    expect(story?.removed).toEqual({ filter: 'length', reason: 'short' })
    expect(story?.values).toHaveProperty(['length.bytes'])
    expect(Object.keys(story?.values ?? {}).join()).not.toContain('censor')
    expect(story?.notRun).toEqual(['censor'])
    for (const path of Object.keys(await published())) {
      const bytes = await readFile(join(folder, 'out', path))
      const mentions = bytes
        .toString('latin1')
        .replaceAll(/too-many-secrets|censor\.secrets|maxSecrets|"secrets"|Secrets redacted/g, '')
      expect(mentions, path).not.toContain('secret')
    }
  })

  it('explains what became of a document and which duplicates it survived', async () => {
    await writeInputs()
    await run(await writeManifest())
    const out = join(folder, 'out')
    const [kept] = await explainDocument(storage, out, 'first:acopy')
    expect(kept?.survives.map(({ id }) => id)).toContain('second:bcopy2')
    expect(kept?.values).toMatchObject({ 'length.bytes': 33, kind: 'prose' })
    expect(kept?.judgements).toEqual({})
    const [copy] = await explainDocument(storage, out, 'second:bcopy')
    expect(copy?.removed).toEqual({
      filter: 'same-text',
      reason: 'copy',
      survivor: 'first:acopy',
      similarity: 1,
    })
    await expect(explainDocument(storage, out, 'first:nobody')).rejects.toMatchObject({
      code: 'document-unknown',
    })
  })

  it('names the judgements of filters that saw a document', async () => {
    await writeInputs()
    await run(await writeManifest())
    const component = await testRegistry.filters.length?.()
    if (component?.level !== 'row') throw new Error('no such filter')
    const filterOf = async (minBytes: number) => {
      const options = component.options.parse({ minBytes })
      return new Map([['length', await component.create(options, testContext(folder))]])
    }
    const out = join(folder, 'out')
    const judgement = { reason: 'short', measure: 'bytes', comparison: 'least', option: 'minBytes' }
    const [kept] = await explainDocument(storage, out, 'first:acopy', await filterOf(10))
    expect(kept?.judgements).toEqual({
      length: [{ ...judgement, value: 33, limit: 10, passed: true }],
    })
    const id = 'first:ashort-<REDACTED>'
    const [short] = await explainDocument(storage, out, id, await filterOf(10))
    expect(short?.judgements.length).toMatchObject([{ limit: 10, passed: false }])
    // Other options than those of the corpus, so that the verdict would be another.
    const [other] = await explainDocument(storage, out, id, await filterOf(0))
    expect(other?.judgements).toEqual({})
  })

  it('publishes the newest of several versions of an id and counts the others', async () => {
    const versions = [
      document({
        key: 'page',
        text: 'The older version of a page.',
        revised: '2020-01-01T00:00:00Z',
      }),
      document({
        key: 'page',
        text: 'The newest version of a page.',
        revised: '2024-01-01T00:00:00Z',
      }),
      document({
        key: 'page',
        text: 'The oldest version of a page.',
        revised: '2019-01-01T00:00:00Z',
      }),
      document({ key: 'again', text: 'No dates: read first.' }),
      document({ key: 'again', text: 'No dates: read last.' }),
    ]
    await writeFile(join(folder, 'a.jsonl'), versions.join('\n'))
    const report = await run(
      await writeManifest({ sources: [{ name: 'first', type: 'lines', input: 'a.jsonl' }] }),
    )
    await expectBalanced(report)
    const texts: unknown[] = []
    for await (const { split, row } of inspectCorpus(storage, join(folder, 'out'))) {
      if (split !== 'dropped') texts.push(row.text)
    }
    expect(texts.sort()).toEqual(['No dates: read last.', 'The newest version of a page.'])
    expect(report.sources[0]?.dropped).toMatchObject([
      { filter: 'engine', reason: 'superseded', documents: 3 },
    ])
  })

  it('assembles threads from records in any order and accounts for every record', async () => {
    const records = Array.from({ length: 60 }, (_, index) =>
      JSON.stringify({
        thread: index % 7 === 0 ? 'orphan' : `t${index % 5}`,
        text: `post number ${index}`,
      }),
    )
    await writeFile(join(folder, 'a1.jsonl'), records.slice(0, 25).join('\n'))
    await writeFile(join(folder, 'a2.jsonl'), records.slice(25).join('\n'))
    const report = await run(
      await writeManifest({ sources: [{ name: 'talk', type: 'threads', input: 'a*.jsonl' }] }),
    )
    await expectBalanced(report)
    expect(report.sources[0]).toMatchObject({ read: 60, skipped: [{ reason: 'orphan', items: 9 }] })
    const documents = Object.values(report.splits).reduce((sum, split) => sum + split.documents, 0)
    expect(documents).toBe(5)
  })

  it('keeps what could be read of a damaged file and fails only with `strict`', async () => {
    await writeInputs()
    await writeFile(
      join(folder, 'a1.jsonl'),
      [...defaultLines('a').slice(0, 20), '!corrupt'].join('\n'),
    )
    const report = await run(await writeManifest())
    await expectBalanced(report)
    expect(report.sources[0]?.skipped).toContainEqual({
      reason: 'input-corrupt',
      items: 1,
      places: ['a1.jsonl:21: the file ends here'],
    })
    await expect(run(await writeManifest({ strict: true }))).rejects.toMatchObject({
      code: 'strict-failure',
    })
  })
})

describe('bad documents', () => {
  it('are dropped if a filter throws, and their neighbours are kept', async () => {
    await writeInputs()
    await writeFile(
      join(folder, 'a1.jsonl'),
      [...defaultLines('a'), document({ key: 'bad', text: 'please !throw' })].join('\n'),
    )
    const report = await run(await writeManifest())
    await expectBalanced(report)
    const [story] = await explainDocument(storage, join(folder, 'out'), 'first:bad')
    expect(story?.removed).toEqual({ filter: 'length', reason: 'error:typeerror' })
  })

  it('are quarantined if they kill their worker or never finish', async () => {
    await writeInputs()
    const bad = [
      document({ key: 'crash', text: 'please !crash' }),
      document({ key: 'hang', text: 'please !hang' }),
    ]
    await writeFile(join(folder, 'a1.jsonl'), [...defaultLines('a'), ...bad].join('\n'))
    const report = await run(
      await writeManifest({ limits: { segmentBytes: 1024, watchdogMs: 3000 } }),
    )
    await expectBalanced(report)
    const reasons = report.sources[0]?.dropped
      .filter(({ filter }) => filter === 'engine')
      .map(({ reason }) => reason)
    expect(reasons).toEqual(expect.arrayContaining(['error:crash', 'error:timeout']))
    expect(report.deterministic).toBe(false)
  })

  it('end the run if reading them keeps killing workers, naming the partition', async () => {
    await writeInputs()
    await writeFile(join(folder, 'a1.jsonl'), [...defaultLines('a'), '!kill'].join('\n'))
    await expect(run(await writeManifest())).rejects.toMatchObject({
      code: 'worker-crashed',
      where: 'first/a1.jsonl',
    })
  })

  it('are dropped if their text exceeds the size limit', async () => {
    await writeInputs()
    await writeFile(join(folder, 'a1.jsonl'), document({ key: 'big', text: 'كبير '.repeat(2000) }))
    const report = await run(await writeManifest({ limits: { maxDocumentBytes: 2048 } }))
    await expectBalanced(report)
    const [story] = await explainDocument(storage, join(folder, 'out'), 'first:big')
    expect(story?.removed).toEqual({ filter: 'engine', reason: 'too-large' })
  })
})

describe('a single large partition', () => {
  const sources = [{ name: 'first', type: 'lines', input: 'a.jsonl' }]
  const write = (lines: readonly string[]) => writeFile(join(folder, 'a.jsonl'), lines.join('\n'))
  const many = (count: number) =>
    Array.from({ length: count }, (_, index) =>
      document({ key: `k${index}`, text: `Text ${index} – نص رقم ${index}. `.repeat(5) }),
    )

  /** Process ids of the workers that measured the documents. */
  async function witnesses(output: string, documents: number): Promise<Set<unknown>> {
    const found = new Set<unknown>()
    for (let index = 0; index < documents; index++) {
      const [story] = await explainDocument(storage, join(folder, output), `first:k${index}`)
      found.add(story?.values['witness.process'])
    }
    return found
  }

  it('is judged by several workers', async () => {
    await write(many(60))
    for (const workers of [1, 2]) {
      const output = `out${workers}`
      await run(await writeManifest({ sources, filters: [{ type: 'witness' }], output }), {
        workers,
      })
      expect((await witnesses(output, 60)).size).toBe(workers)
    }
  })

  it('yields the same bytes for any number of workers', async () => {
    await write([...many(150), ...defaultLines('a'), '!skip', ...many(250).slice(150), '!corrupt'])
    const limits = { segmentBytes: 4096 }
    for (const workers of [1, 2, 4]) {
      const output = `out${workers}`
      await expectBalanced(
        await run(await writeManifest({ sources, limits, output }), { workers }),
        output,
      )
    }
    const { 'corpus.json': _, ...one } = await published(join(folder, 'out1'))
    for (const output of ['out2', 'out4'])
      expect(await published(join(folder, output))).toMatchObject(one)
  })

  it('loses no document when a helping worker dies', async () => {
    await write([document({ key: 'first', text: `!stumble ${join(folder, 'fell')}` }), ...many(60)])
    const report = await run(await writeManifest({ sources }))
    expect(await stat(join(folder, 'fell'))).toBeDefined()
    await expectBalanced(report)
    expect(report.sources[0]).toMatchObject({ read: 61, dropped: [] })
  })
})

describe('a changed manifest', () => {
  it('applies new thresholds without reading; old thresholds restore old bytes', async () => {
    await writeInputs()
    const path = await writeManifest()
    await run(path)
    const before = await published()
    const stricter = [
      { type: 'length', minBytes: 60 },
      { type: 'censor', maxSecrets: 0 },
      { type: 'same-text' },
    ]
    await writeManifest({ filters: stricter })
    const report = await run(path, { withoutReading: true })
    await expectBalanced(report)
    expect(await published()).not.toEqual(before)
    const fresh = await writeManifest({ filters: stricter, output: 'fresh' })
    await run(fresh)
    const shardsOf = (files: Record<string, string>) =>
      Object.entries(files).filter(([name]) => name.startsWith('train/'))
    expect(shardsOf(await published())).toEqual(shardsOf(await published(join(folder, 'fresh'))))

    await writeManifest({
      filters: [
        { type: 'length', minBytes: 0 },
        { type: 'censor', maxSecrets: 99 },
        { type: 'same-text' },
      ],
    })
    await expectBalanced(await run(path, { withoutReading: true }))
    await writeManifest()
    await run(path, { withoutReading: true })
    expect(shardsOf(await published())).toEqual(shardsOf(before))
  })

  it('leaves no trace once it is changed back, in a corpus of many batches', async () => {
    const rows = (count: number, drop: number) =>
      Array.from({ length: count }, (_, i) =>
        document({ key: `k${i}`, text: i % drop === 0 ? `no ${i}` : `a text, the ${i}th` }),
      )
    await writeFile(join(folder, 'a.jsonl'), rows(33_500, 3).join('\n'))
    const change = { sources: [{ name: 'first', type: 'lines', input: 'a.jsonl' }], limits: {} }
    const path = await writeManifest({ ...change, filters: [{ type: 'length', minBytes: 12 }] })
    await run(path)
    const before = await published()
    await writeManifest({ ...change, filters: [{ type: 'length', minBytes: 17 }] })
    await run(path, { withoutReading: true })
    expect(await published()).not.toEqual(before)
    await writeManifest({ ...change, filters: [{ type: 'length', minBytes: 12 }] })
    await run(path, { withoutReading: true })
    expect(await published()).toEqual(before)
  })

  it('refuses to refilter a source that has to be read again; `run` reads it', async () => {
    await writeInputs()
    const path = await writeManifest()
    await run(path)
    await writeManifest({
      filters: [
        { type: 'length', minBytes: 8, scale: 2 },
        { type: 'censor' },
        { type: 'same-text' },
      ],
    })
    await expect(run(path, { withoutReading: true })).rejects.toMatchObject({
      code: 'corpus-missing',
    })
    await expectBalanced(await run(path))
  })

  it('measures stored texts again if no filter had rewritten them', async () => {
    await writeInputs()
    const path = await writeManifest({ filters: [{ type: 'length' }, { type: 'same-text' }] })
    await run(path)
    await writeManifest({
      filters: [{ type: 'length', scale: 3 }, { type: 'censor' }, { type: 'same-text' }],
    })
    await run(path, { withoutReading: true })
    const after = await published()
    await writeManifest({
      filters: [{ type: 'length', scale: 3 }, { type: 'censor' }, { type: 'same-text' }],
      output: 'fresh',
    })
    await run(path)
    const { 'corpus.json': _, ...fresh } = await published(join(folder, 'fresh'))
    expect(after).toMatchObject(fresh)
  })
})

describe('decontamination', () => {
  const prompt =
    'Return the list of all prime numbers below the given bound, in ascending order, as whole numbers.'
  const code = (key: string, body: string) =>
    JSON.stringify({ key, text: body, kind: 'code', lang: 'javascript' })

  it('drops training documents that overlap with a benchmark, and names it', async () => {
    await writeInputs()
    await writeFile(join(folder, 'primes.jsonl'), `${JSON.stringify({ id: 1, prompt })}\n`)
    const lines = [
      ...defaultLines('a'),
      document({ key: 'leak', text: `Somebody asked: ${prompt.toUpperCase()} Well?` }),
    ]
    await writeFile(join(folder, 'a1.jsonl'), lines.join('\n'))
    const decontaminate = {
      benchmarks: [{ name: 'Primes', input: 'primes.jsonl', fields: ['prompt'] }],
    }
    const report = await run(
      await writeManifest({ decontaminate, split: { train: 1, eval: 0, test: 0 } }),
    )
    await expectBalanced(report)
    const [story] = await explainDocument(storage, join(folder, 'out'), 'first:leak')
    expect(story?.removed).toEqual({ filter: 'decontaminate', reason: 'Primes' })
    expect(report.contamination?.benchmarks).toMatchObject([
      { name: 'Primes', items: 1, found: 1, documents: 1 },
    ])
  })

  it('fails the run if a language exceeds its limit', async () => {
    await writeFile(join(folder, 'primes.jsonl'), `${JSON.stringify({ prompt })}\n`)
    const lines = Array.from({ length: 20 }, (_, index) =>
      code(`c${index}`, `const number${index} = ${index} // ${index}`),
    )
    lines.push(code('leak', `// ${prompt}\nfunction primes() {}`))
    await writeFile(join(folder, 'a.jsonl'), lines.join('\n'))
    const decontaminate = {
      benchmarks: [{ name: 'Primes', input: 'primes.jsonl' }],
      action: 'report',
    }
    const sources = [{ name: 'first', type: 'lines', input: 'a.jsonl' }]
    const path = await writeManifest({
      decontaminate,
      sources,
      split: { train: 1, eval: 0, test: 0 },
    })
    await expect(run(path)).rejects.toMatchObject({ code: 'contamination-above-limit' })
  })
})

describe('a delta', () => {
  it('removes documents that its base corpora have and records those corpora', async () => {
    await writeInputs()
    const first = { sources: [{ name: 'first', type: 'lines', input: 'a*.jsonl' }], output: 'old' }
    await run(await writeManifest(first))
    const second = { sources: [{ name: 'second', type: 'lines', input: 'b.jsonl' }], base: ['old'] }
    const report = await run(await writeManifest(second))
    await expectBalanced(report)
    const [copy] = await explainDocument(storage, join(folder, 'out'), 'second:bcopy')
    expect(copy?.removed).toMatchObject({ reason: 'copy', survivor: 'first:acopy' })
    const corpus = JSON.parse(await readFile(join(folder, 'out', 'corpus.json'), 'utf8'))
    expect(corpus.base).toEqual([{ name: 'test', fingerprint: expect.any(String) }])

    await writeFile(
      join(folder, 'c.jsonl'),
      document({ key: 'new', text: 'The same words in several places.' }),
    )
    const third = { sources: [{ name: 'third', type: 'lines', input: 'c.jsonl' }], output: 'third' }
    await expect(run(await writeManifest({ ...third, base: ['out'] }))).rejects.toMatchObject({
      code: 'corpus-missing',
    })
    const last = await run(await writeManifest({ ...third, base: ['old', 'out'] }))
    expect(last.sources[0]?.dropped).toMatchObject([{ reason: 'copy', documents: 1 }])
  })
})

describe('the output folder', () => {
  it('is locked during a run', async () => {
    await writeInputs()
    const path = await writeManifest()
    let first: Promise<unknown> = Promise.resolve()
    await new Promise<void>((resolve) => {
      first = run(path, { onEvent: ({ type }) => void (type === 'phase' && resolve()) })
    })
    await expect(run(path)).rejects.toMatchObject({ code: 'output-locked' })
    await first
  })

  it('must be writable', async () => {
    await writeInputs()
    const path = await writeManifest({ output: 'b.jsonl/out' })
    await expect(run(path)).rejects.toMatchObject({ code: 'output-unwritable' })
  })

  it('keeps unredacted work private', async () => {
    await writeInputs()
    await run(await writeManifest())
    const work = join(folder, 'out', '.work', 'stage')
    for (const entry of await readdir(work, { recursive: true, withFileTypes: true })) {
      if (!entry.name.endsWith('.arrow') && !entry.name.includes('quarantine')) continue
      expect((await stat(join(entry.parentPath, entry.name))).mode & 0o077, entry.name).toBe(0)
    }
  })
})
