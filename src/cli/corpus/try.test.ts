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

describe('etl try', () => {
  it('shows measures, the lines drawn through them and the verdict, in both languages', async () => {
    for (const text of [ENGLISH, ARABIC]) {
      output = ''
      expect(await main(['try', 'langid', await file('a.txt', text)])).toBe(0)
      expect(output).toMatch(/^langid {2}kept\n/)
      expect(output).toMatch(/probability +(?:0\.99\d*|1) {2}\(least 0\.95: prose\)/)
    }
    const french = 'La lumière des galaxies lointaines est étirée pendant son voyage vers nous.'
    await main(['try', 'langid', await file('b.txt', french)])
    expect(output).toContain('dropped: other-language')
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
    expect(second).toMatchObject({ lang: 'ar', values: { language: 'ar' } })
    expect(second.limits).toContainEqual({
      ...{ measure: 'probability', side: 'least', at: 0.95, scope: 'prose', kept: true },
    })
  })

  it('prints Markdown for a report, with a fence that the text cannot close', async () => {
    await main(['try', 'langid', await file('f.txt', `${ENGLISH}\n\`\`\`\nx`), '--report'])
    expect(output).toMatch(/\*\*langid\*\* version \d+: kept/)
    expect(output).toContain('````text\n')
  })

  it.each([
    [['langidd', 'f.txt'], 'did you mean "langid"'],
    [['minhash', 'f.txt'], 'it compares documents with each other'],
    [['langid', 'missing.txt'], 'cannot be read'],
    [['langid', 'f.txt', '--kind', 'verse'], 'Give one of these: prose'],
    [['langid', 'f.txt', '--options', '[1]'], 'not a JSON object'],
    [['quality', 'f.txt', '--options', '{"english":{"minWords":-1}}'], 'english.minWords'],
    [['langid', 'broken.jsonl'], 'broken.jsonl:1'],
  ])('says what is wrong with %j', async ([filter = '', name = '', ...rest], message) => {
    await file('f.txt', ENGLISH)
    await file('broken.jsonl', 'no json')
    expect(await main(['try', filter, join(folder, name), ...rest])).not.toBe(0)
    expect(errors).toContain(message)
  })
})
