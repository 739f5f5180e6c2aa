import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'

const program = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url))
const built = existsSync(program)
if (!built) console.log('alarms are not tested: dist/ is missing, `npm run build` makes it')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'etl-alarms-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A source of sixty pages that differ only in their ending, and of eight other pages. */
async function writeManifest(strict: boolean): Promise<string> {
  const body = Array.from({ length: 120 }, (_, i) => `boilerplate${i}`).join(' ')
  const pages = Array.from({ length: 60 }, (_, i) => `${body} ending${i}`)
  const others = Array.from({ length: 8 }, (_, i) =>
    Array.from({ length: 90 }, (__, k) => `word${i}n${k}`).join(' '),
  )
  const lines = [...pages, ...others].map((text, i) =>
    JSON.stringify({ id: `d${i}`, text, lang: 'en' }),
  )
  await writeFile(join(folder, 'pages.jsonl'), lines.join('\n'))
  const path = join(folder, `${strict ? 'strict' : 'lenient'}.json`)
  const minhash = { type: 'minhash', maxComponent: 20, leaders: 5 }
  const sources = [{ name: 'pages', type: 'jsonl', input: 'pages.jsonl' }]
  const output = strict ? 'strict' : 'lenient'
  await writeFile(
    path,
    JSON.stringify({ name: 'alarms', output, strict, sources, filters: [minhash] }),
  )
  return path
}

const etl = (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [program, ...args], (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    )
  })

const ALARMS = [
  /60 documents resemble each other around pages:d\d+: compared with the first 5 by rank only/,
  /source pages lost 59 of 68 documents \(86\.8 %\) to near-duplicates/,
  /59 of 68 documents \(86\.8 %\) were removed in favour of pages:d\d+ alone/,
]

it.skipIf(!built)(
  'prints alarms about losses and shows them in the report, and the run succeeds',
  async () => {
    const { code, stdout } = await etl('run', await writeManifest(false))
    expect(code).toBe(0)
    const page = await readFile(join(folder, 'lenient', 'report.html'), 'utf8')
    for (const alarm of ALARMS) {
      expect(stdout).toMatch(alarm)
      expect(page).toMatch(alarm)
    }
  },
)

it.skipIf(!built)('fails the run on the same alarms with `strict`', async () => {
  const { code, stderr } = await etl('run', await writeManifest(true))
  expect(code).toBe(3)
  expect(stderr).toContain('strict-failure')
  for (const alarm of ALARMS) expect(stderr).toMatch(alarm)
})
