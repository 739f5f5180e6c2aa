// npm run bench:connectors [-- connector …]: how fast each connector reads from files on one core,
// beside merely unpacking and parsing the same file. Prints a table; with all connectors it also
// writes docs/benchmarks-connectors.md.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { contest, type Standing } from '../contest.ts'
import { buildCases, type Case } from './cases.ts'
import type { Outcome } from './pass.ts'

const ROUNDS = 3
const root = process.cwd()
const folder = join(root, 'bench/.cache/connectors')
const passScript = fileURLToPath(new URL('./pass.js', import.meta.url))
const wanted = process.argv.slice(2)

mkdirSync(folder, { recursive: true })
const head = `| connector | input | MB | MB/s | merely parsed, MB/s | time against that | peak MB | documents | aim, MB/s |
|---|---|---|---|---|---|---|---|---|`
const began = loadavg()[0]?.toFixed(1)
console.log(head)
const rows: string[] = []
for await (const one of buildCases(root, folder, wanted)) {
  const row = rowOf(one, await contest([ours(one), bare(one)], ROUNDS))
  console.log(row)
  rows.push(row)
}
if (wanted.length === 0) writeFileSync(join(root, 'docs/benchmarks-connectors.md'), `${page()}\n`)

function ours({ connector, options }: Case) {
  return {
    name: connector,
    command: [process.execPath, passScript, connector, JSON.stringify(options)],
  }
}

function bare({ parser, bareInput, input }: Case) {
  return {
    name: 'parsed',
    command: [process.execPath, passScript, 'bare', parser, bareInput ?? input.path],
  }
}

function rowOf(one: Case, [read, parsed]: Standing[]): string {
  const { connector, title, input, aim } = one
  if (!read || !parsed || 'failure' in read || 'failure' in parsed) {
    const failed = [read, parsed].find((standing) => standing && 'failure' in standing) as
      | { failure: string }
      | undefined
    return `| ${connector} | ${title} | failed: ${failed?.failure} | | | | | | |`
  }
  const { documents = 0 } = read.results as Outcome
  const isPages = connector === 'arabic-ocr'
  const rate = ({ cpuSeconds }: { cpuSeconds: number }): string =>
    isPages
      ? `${(cpuSeconds / input.bytes).toFixed(2)} s a page`
      : (input.bytes / 1e6 / cpuSeconds).toFixed(1)
  const size = isPages ? `${input.bytes} pages` : (input.bytes / 1e6).toFixed(1)
  const times = `${(1 / parsed.ratio).toFixed(2)}×`
  return `| ${connector} | ${title} | ${size} | **${rate(read)}** | ${rate(parsed)} | ${times} | ${(read.peakBytes / 1e6).toFixed(0)} | ${documents} | ${aim ?? ''} |`
}

function page(): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string
  }
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 1e9)} GB, load average ${began} when it began`
  return `# Benchmarks of connectors

Written by \`npm run bench:connectors\` on ${new Date().toISOString().slice(0, 10)}; ${machine}; Node ${process.version}, cosmos-etl ${version}.

Every connector reads one input from beginning to end in one process, on one core: unpacking,
parsing, cleaning and, where a document is a thread, assembling it. MB are those of the unpacked
input. Seconds are CPU time, including that of unpacking programs such as \`zstd\` (median of ${ROUNDS}
passes), so several cores read several times as much. Beside it stands the least that any reader must
do: the same file unpacked by the same decoder and parsed by the usual parser (\`htmlparser2\`,
\`JSON.parse\`, \`hyparquet\`; for archives and folders, every file decoded as UTF-8; for scans, the
picture unpacked), keeping nothing. Below 1, the connector is faster than the usual parser alone.

The inputs are generated, the same on every machine with the same packages: the markup of \`samples/\`
and of fixtures, with more than half of its words replaced.

${head}
${rows.join('\n')}`
}
