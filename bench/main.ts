// npm run bench [-- name …]: compares with peers on text built here, prints the tables and writes
// docs/benchmarks.md.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { lazily } from '../src/core/lazily.ts'
import { COMPARISONS, compare, type Ring } from './comparisons.ts'
import { installPeers } from './peers/install.ts'
import { installNpmPeers } from './peers/npm.ts'
import { type BenchTexts, buildSnippets, buildTexts, textSources } from './texts.ts'
import { buildWordTexts } from './tokens/texts.ts'
import { buildVocabulary } from './tokens/vocabulary.ts'
import { runSections } from './whole-runs/sections.ts'

const ROUNDS = 3
const root = process.cwd()
const cache = join(root, 'bench/.cache')
mkdirSync(cache, { recursive: true })

const wanted = process.argv.slice(2)
const isWanted = (name: string): boolean => wanted.length === 0 || wanted.includes(name)

const peers = installPeers(cache)
const npm = installNpmPeers(cache)
const sources = textSources(root, peers.packages)
const texts = buildTexts(sources, cache)
const snippets = lazily(() => buildSnippets(sources, cache))
const english = lazily(() => buildWordTexts('en', peers.python, cache))
const arabic = lazily(() => buildWordTexts('ar', peers.python, cache))
const ring: Ring = {
  texts,
  others: (name) => ({ snippets, english, arabic })[name](),
  modelPath: createRequire(import.meta.url).resolve(
    'fasttext.wasm.js/dist/fastText/models/lid.176.ftz',
  ),
  vocabulary: lazily(() => buildVocabulary(wordTexts(), cache)),
  peers,
  npm,
  rounds: ROUNDS,
  scripts: {
    ours: fileURLToPath(new URL('./ours.js', import.meta.url)),
    plain: fileURLToPath(new URL('./plain-redaction.js', import.meta.url)),
    tokens: fileURLToPath(new URL('./tokens/contestant.js', import.meta.url)),
    peers: join(root, 'bench/peers/peers.py'),
  },
}

const loadBefore = loadavg()[0]?.toFixed(1)
const sections: string[] = []
const add = (section: string): void => {
  sections.push(section)
  console.log(`\n${section}`)
}
for (const comparison of COMPARISONS)
  if (isWanted(comparison.name)) add(await compare(comparison, ring))
if (isWanted('runs')) {
  const { modelPath, scripts } = ring
  for (const section of await runSections({ cache, peers, peersScript: scripts.peers, modelPath }))
    add(section)
}
if (wanted.length === 0)
  writeFileSync(join(root, 'docs/benchmarks.md'), `${[introduction(), ...sections].join('\n\n')}\n`)

function introduction(): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    version: string
  }
  const machine = `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, ${Math.round(totalmem() / 1e9)} GB, load average ${loadBefore} when it began`
  return `# Benchmarks

Written by \`npm run bench\` on ${new Date().toISOString().slice(0, 10)}; ${machine}; Node ${process.version}, cosmos-etl ${version};
${[peers.versions, npm.versions].filter((list) => list !== '').join(', ') || 'no peers installed'}.

Every table except the last three is one contest: each contestant is one process of one thread that
holds the same documents and passes over them in turn, ${ROUNDS} times (once where a peer takes minutes).
Ratios are of CPU time within a round, median over the rounds. Machines differ and are seldom idle,
so compare the ratios, not the rates. Contestants that run in V8 warm up for four seconds, since it
compiles code while it runs.

The common text is ${describeTexts(ring.texts)}:
documentation and translations of installed packages, and as much English and Arabic resampled from
them and from \`samples/\`, word by word. The short documents are
${describeTexts(snippets())}, none resampled.
The encoded texts are ${describeWords()}.`
}

function describeTexts({ documents, bytes, sha256 }: BenchTexts): string {
  return `${(bytes / 1e6).toFixed(1)} MB in ${documents} documents (sha256 ${sha256.slice(0, 12)}…)`
}

function wordTexts(): BenchTexts[] {
  return [english(), arabic()].flatMap((built) => built ?? [])
}

function describeWords(): string {
  const built = wordTexts()
  if (built.length === 0) return 'missing, since there are no word lists'
  return `${built.map(describeTexts).join(' and ')}:
words drawn as often as they occur according to wordfreq. All but the last two peers use one
vocabulary of 32,000 learned from them`
}
