import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { main } from '../program.ts'

let folder = ''
let output = ''
let errors = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etl-try-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))
beforeEach(() => {
  output = ''
  errors = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output += text
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    errors += text
    return true
  })
})
afterEach(() => vi.restoreAllMocks())

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

const ENGLISH = 'The light of distant galaxies is stretched on its way to us, and so it is red.'
const ARABIC = 'يتمدد ضوء المجرات البعيدة في طريقه إلينا، ولهذا نراه أحمر اللون.'

const PLUGIN = `export const loud = {
  name: 'loud', level: 'row', version: 1, summary: '', thresholds: [], example: {},
  options: { shape: {}, safeParse: (data) => ({ success: true, data }) },
  create: () => ({
    reasons: ['shouting'],
    measures: { capitals: { type: 'count', description: 'Capitals.' } },
    limits: [{ measure: 'capitals', side: 'most', at: 3 }],
    measure(batch, out) {
      out.count('capitals')[0] = batch.text.bytes.filter((byte) => byte >= 65 && byte <= 90).length
    },
    judge: ({ values }) => (values.capitals > 3 ? 'shouting' : undefined),
  }),
}`

describe('etl try', () => {
  it('shows measures, the lines drawn through them and the verdict, in both languages', async () => {
    for (const text of [ENGLISH, ARABIC]) {
      output = ''
      expect(await main(['try', 'langid', await file('a.txt', text)])).toBe(0)
      expect(output).toMatch(/^langid {2}kept\n/)
      expect(output).toMatch(/probability +(?:0\.99\d*|1) {2}✓ at least 0\.95 \(minProbability\)/)
    }
    const french = 'La lumière des galaxies lointaines est étirée pendant son voyage vers nous.'
    await main(['try', 'langid', await file('b.txt', french)])
    expect(output).toContain('dropped: other-language: language fr, among ar, en (languages)')
  })

  it('names the limits that hold for the text, and no others', async () => {
    await main(['try', 'quality', await file('short.txt', ENGLISH)])
    expect(output).toMatch(/^quality {2}dropped: too-few-words: words 17, at least 50 \(english/)
    expect(output).not.toContain('arabic.')
    output = ''
    await main(['try', 'quality', await file('short.txt', ARABIC)])
    expect(output).toMatch(/words +11 {2}✗ at least 50 \(arabic\.minWords\)/)
    expect(output).not.toContain('english.')
    output = ''
    await main(['try', 'code-lines', await file('a.py', 'x = 1\n'), '--kind', 'code'])
    expect(output).toMatch(/characters \/ lines +6 {2}✓ at most 100 \(maxMeanLineLength\)/)
  })

  it('shows the changed place of a long line, cut between characters', async () => {
    const filler = 'كَتَبَ '.repeat(100)
    await main(['try', 'pii', await file('long.txt', `${filler}0501234567 ${filler}`)])
    expect(output).toMatch(/^- …\u2068.{20,60}0501234567 .{20,60}\u2069…$/mu)
    expect(output).toMatch(/^\+ …\u2068(?!\p{M}).{20,60}<PHONE> .{20,60}\u2069…$/mu)
  })

  it('colours verdicts and changes on a terminal, unless NO_COLOR is set', async () => {
    vi.stubEnv('TERM', 'xterm')
    const isTerminal = process.stdout.isTTY
    process.stdout.isTTY = true
    try {
      const path = await file('p.txt', 'هاتفي 0501234567')
      for (const [color, start] of [
        ['', '\u001b[31m- \u2068هاتفي'],
        ['1', '\n- \u2068هاتفي'],
      ] as const) {
        vi.stubEnv('NO_COLOR', color)
        output = ''
        await main(['try', 'pii', path])
        expect(output).toContain(start)
        expect(output.includes('\u001b')).toBe(color === '')
      }
    } finally {
      process.stdout.isTTY = isTerminal
      vi.unstubAllEnvs()
    }
  })

  it('tries the filter of a plug-in, given by its path or listed in a manifest', async () => {
    const plugin = await file('loud.mjs', PLUGIN)
    const path = await file('g.txt', 'LOUD')
    await main(['try', plugin, path])
    expect(output).toMatch(/^loud {2}dropped: shouting\n {2}capitals {2}4 {2}\(most 3\)\n/)
    const manifest = await file(
      'plugged.json',
      JSON.stringify({
        name: 'm',
        output: 'out',
        plugins: ['./loud.mjs'],
        sources: [{ name: 's', type: 'jsonl', input: 'x.jsonl' }],
        filters: [],
      }),
    )
    output = ''
    expect(await main(['try', 'loud', path, '--manifest', manifest, '--json'])).toBe(0)
    expect(JSON.parse(output)).toMatchObject({ filter: 'loud', measures: { capitals: 4 } })
  })

  it('shows lines as they were and as they are', async () => {
    const text = `${ARABIC}\nاتصل على 0501234567\nWrite to me@mail.com`
    await main(['try', 'pii', await file('c.txt', text)])
    expect(output).toContain('- \u2068اتصل على 0501234567\u2069\n')
    expect(output).toContain('+ \u2068اتصل على <PHONE>\u2069\n')
    expect(output).toContain('+ \u2068Write to <EMAIL>\u2069\n')
    expect(output).not.toContain('المجرات')
  })

  it('takes options given as JSON or from a manifest', async () => {
    const path = await file('d.txt', ENGLISH)
    await main(['try', 'langid', path, '--options', '{"languages":["ar"]}'])
    expect(output).toContain('dropped: other-language')
    const manifest = await file(
      'manifest.json',
      JSON.stringify({
        name: 'm',
        output: 'out',
        sources: [{ name: 's', type: 'jsonl', input: 'x.jsonl' }],
        filters: [{ type: 'langid', languages: ['fr'] }],
      }),
    )
    output = ''
    await main(['try', 'langid', path, '--manifest', manifest])
    expect(output).toContain('dropped: other-language')
  })

  it('prints one JSON value for each line of a JSON Lines file', async () => {
    const lines = [ENGLISH, ARABIC].map((text) => JSON.stringify({ text })).join('\n')
    await main(['try', 'langid', await file('e.jsonl', lines), '--json'])
    const [first, second] = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(first).toMatchObject({ filter: 'langid', lang: 'en', before: ENGLISH, after: ENGLISH })
    expect(second).toMatchObject({
      version: expect.any(Number),
      options: { minProbability: 0.95 },
      verdict: 'kept',
      lang: 'ar',
      measures: { language: 'ar' },
    })
    expect(second.judgements).toContainEqual({
      reason: 'uncertain-language',
      measure: 'probability',
      value: second.measures.probability,
      comparison: 'least',
      limit: 0.95,
      option: 'minProbability',
      passed: true,
    })
    output = ''
    await main(['try', 'langid', join(folder, 'e.jsonl'), '--json', '--row', '2'])
    expect(JSON.parse(output)).toEqual(second)
  })

  it('prints Markdown for a report, with a fence that the text cannot close', async () => {
    await main(['try', 'langid', await file('f.txt', `${ENGLISH}\n\`\`\`\nx`), '--report'])
    expect(output).toMatch(/\*\*langid\*\* version \d+: kept/)
    expect(output).toContain('````text\n')
    expect(output).toMatch(/^\| probability \| \S+ \| at least 0\.95 \(minProbability\) \|$/m)
  })

  it.each([
    [['langidd', 'f.txt'], 'did you mean "langid"'],
    [['minhash', 'f.txt'], 'it compares documents with each other'],
    [['langid', 'missing.txt'], 'cannot be read'],
    [['langid', 'f.txt', '--kind', 'verse'], 'Give one of these: prose'],
    [['langid', 'f.txt', '--options', '[1]'], 'not a JSON object'],
    [['quality', 'f.txt', '--options', '{"english":{"minWords":-1}}'], 'english.minWords'],
    [['langid', 'broken.jsonl'], 'broken.jsonl:1'],
    [['langid', 'rows.jsonl', '--row', '2'], 'no document in row 2'],
    [['./none.mjs', 'f.txt'], 'cannot be loaded'],
  ])('says what is wrong with %j', async ([filter = '', name = '', ...rest], message) => {
    await file('f.txt', ENGLISH)
    await file('broken.jsonl', 'no json')
    await file('rows.jsonl', '\ufeff{"text":"a"}')
    expect(await main(['try', filter, join(folder, name), ...rest])).not.toBe(0)
    expect(errors).toContain(message)
  })
})
