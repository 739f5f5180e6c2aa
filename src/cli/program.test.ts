import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { commands } from './commands.ts'
import { main } from './program.ts'

let folder: string
let output = ''
let errors = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etl-cli-'))
})
afterAll(() => rm(folder, { recursive: true }))
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

describe('the command line', () => {
  it('has these commands and options and no others', () => {
    const surface = commands.map(({ usage, options, hidden }) => {
      const flags = options.map((option) => ` ${option.flags.split(' ')[0]}`)
      return `${usage}${flags.join('')}${hidden ? ' (hidden)' : ''}`
    })
    expect(surface).toMatchInlineSnapshot(`
      [
        "run <manifest> --workers --json",
        "check <manifest> --json",
        "plan <manifest> --json",
        "list [name] --json",
        "explain <id> --corpus --json",
        "try <filter> [file] --options --row --manifest --kind --lang --url --license --report --json",
        "inspect [corpus] --source --split --filter --reason --lang --limit --skip --full --json",
        "refilter <manifest> --workers --json",
        "report [corpus] --json",
        "perplexity-model [corpus] --out --languages --megabytes --json",
        "init [manifest] --source --json",
        "doctor --json",
        "setup [part] --cpu --tests --json",
        "docs [checkout] --check (hidden)",
        "tokenize [corpus] --name --tokenizer --vocabulary --format --python --workers --json",
        "train [manifest-or-run] --corpus --backend --preset --tokens --name --fork --checkpoint --runs --plan --vocabulary --rate --stop --save --evaluate --bench --json",
        "eval [run] --checkpoint --slices --tokens --json",
        "generate [prompt] --run --checkpoint --tokens --temperature --top-p --top-k --seed",
        "export [folder] --run --checkpoint --json",
        "chat --run --tokens --temperature",
        "worker (hidden)",
      ]
    `)
  })

  it.each(commands.map((command) => [command.usage.split(' ')[0] ?? '', command] as const))(
    '%s loads and has help',
    async (name, command) => {
      expect(typeof (await command.load()).run).toBe('function')
      expect(command.summary).toMatch(/^[a-z].*[^.]$/)
      expect(await main([name, '--help'])).toBe(0)
      expect(output).toContain(`Usage: etl ${name}`)
    },
  )
})

describe('mistakes', () => {
  it('in a command or option exit with 2 and a suggestion', async () => {
    expect(await main(['rnu', 'x'])).toBe(2)
    expect(errors).toContain('Did you mean run?')
    expect(await main(['run', 'x', '--wrokers', '2'])).toBe(2)
    expect(errors).toContain('Did you mean --workers?')
    expect(await main(['inspect', folder, '--limit', 'many'])).toBe(2)
    expect(errors).toContain('--limit: not a whole number: many')
  })

  it('exit with 20 if a backend cannot do what is asked', async () => {
    expect(await main(['train', '--bench', '--backend', 'ngram'])).toBe(20)
    expect(errors).toContain('ngram: it has no benchmark')
  })

  it('in a manifest are all printed, with their positions and the nearest names', async () => {
    const path = join(folder, 'wrong.json')
    await writeFile(
      path,
      JSON.stringify({ name: 'x', sources: [{ name: 'a', type: 'jsnol' }], outptu: 'y' }),
    )
    expect(await main(['check', path])).toBe(2)
    expect(output).toMatch(/outptu: unknown key — did you mean "output"\?/)
    expect(output).toMatch(
      /sources\[0\]\.type: unknown connector "jsnol".* — did you mean "jsonl"\?/,
    )
  })

  it('print where, what and what to do, also as JSON', async () => {
    const path = join(folder, 'nowhere.json')
    expect(await main(['run', path])).toBe(2)
    expect(errors).toMatch(
      /error .*nowhere\.json: cannot be read\n hint Give the path .* \[manifest-unreadable\]\n/,
    )
    errors = ''
    expect(await main(['run', path, '--json'])).toBe(2)
    expect(JSON.parse(errors)).toEqual({
      error: {
        code: 'manifest-unreadable',
        where: path,
        what: 'cannot be read',
        hint: expect.stringContaining('etl init'),
      },
    })
  })
})

describe('commands', () => {
  it('init writes a valid manifest, but never over an existing file', async () => {
    const path = join(folder, 'new', 'corpus.json')
    expect(await main(['init', path])).toBe(0)
    const manifest = JSON.parse(await readFile(path, 'utf8'))
    expect(manifest).toMatchObject({ name: 'my-corpus', sources: [{ type: 'jsonl' }] })
    output = ''
    // Its input is a placeholder path, which is its only problem.
    expect(await main(['check', path, '--json'])).toBe(2)
    expect(JSON.parse(output)).toHaveLength(1)
    expect(await main(['init', path])).toBe(1)
    expect(errors).toContain('exists already')
    expect(await main(['init', join(folder, 'b.json'), '--source', 'wikipdia'])).toBe(2)
    expect(errors).toContain('did you mean "wikipedia"?')
  })

  it('list shows every component, and one with its options', async () => {
    expect(await main(['list'])).toBe(0)
    expect(output).toMatch(/^jsonl +connector +JSON Lines/m)
    expect(output).toMatch(/^ngram +backend +Interpolated/m)
    output = ''
    expect(await main(['list', 'ngram'])).toBe(0)
    expect(output).toMatch(/^ {2}order +Longest n-gram/m)
    expect(output).toContain('"backend": "ngram"')
    output = ''
    expect(await main(['list', 'langid', '--json'])).toBe(0)
    expect(JSON.parse(output)[0].options.properties).toHaveProperty('minProbability')
  })

  it('doctor names what is missing and succeeds unless it is required', async () => {
    const code = await main(['doctor', '--json'])
    const findings: { what: string; state: string }[] = JSON.parse(output)
    expect(findings.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['node', 'kernels', 'worker', 'zstd', 'ngram', 'torch']),
    )
    expect(code).toBe(findings.some(({ state }) => state === 'broken') ? 1 : 0)
  })

  it('report and explain fail if a folder is not a corpus', async () => {
    expect(await main(['report', folder])).toBe(1)
    expect(await main(['explain', 'a:1', '--corpus', folder])).toBe(1)
    expect(errors.match(/\[corpus-missing\]/g)).toHaveLength(2)
  })
})
