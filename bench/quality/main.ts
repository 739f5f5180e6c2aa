// npm run bench:quality [-- [--half fit|test] [filter …]]: measures filters on public labelled
// sets, prints the tables and writes docs/filters.md (`--half fit` only prints).
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { withSection } from './page.ts'
import type { Half } from './score.ts'
import type { QualityContext, QualitySection } from './section.ts'
import { openSet } from './sets.ts'

/** Loaded when asked for, so that one broken section does not stop the others. */
const SECTIONS: Readonly<Record<string, () => Promise<QualitySection>>> = {
  keys: async () => (await import('./keys.ts')).section,
  ads: async () => (await import('./ads.ts')).section,
  langid: async () => (await import('./langid.ts')).section,
  license: async () => (await import('./license.ts')).section,
  normalise: async () => (await import('./normalise.ts')).section,
  perplexity: async () => (await import('./perplexity.ts')).section,
  pii: async () => (await import('./pii.ts')).section,
  quality: async () => (await import('./quality.ts')).section,
}

const { values, positionals } = parseArgs({
  options: { half: { type: 'string', default: 'test' } },
  allowPositionals: true,
})
if (values.half !== 'fit' && values.half !== 'test') throw new Error('--half is fit or test')
const half: Half = values.half
const root = process.cwd()
const cache = join(root, 'bench/.cache')
const page = join(root, 'docs/filters.md')
mkdirSync(cache, { recursive: true })

const context: QualityContext = { cache, half, open: (set) => openSet(set, cache), python }
for (const name of positionals.length > 0 ? positionals : Object.keys(SECTIONS)) {
  const load = SECTIONS[name]
  if (load === undefined) {
    throw new Error(`no section ${name}; there are ${Object.keys(SECTIONS).join(', ')}`)
  }
  const section = await load()
  const tables = await section.measure(context)
  for (const { title, columns, rows } of tables) {
    console.log(`\n${name}: ${title}`)
    for (const row of [columns, ...rows]) console.log(`  ${row.join(' | ')}`)
  }
  if (half === 'fit') continue
  const before = existsSync(page) ? readFileSync(page, 'utf8') : ''
  writeFileSync(page, withSection(before, section, tables))
}

function python(
  peers: readonly { readonly module: string; readonly spec: string }[],
): string | undefined {
  const venv = join(cache, 'quality-venv')
  const program = join(venv, 'bin/python')
  if (!existsSync(program)) spawnSync('python3', ['-m', 'venv', venv])
  for (const { module, spec } of peers) {
    if (spawnSync(program, ['-c', `import ${module}`]).status === 0) continue
    console.error(`installing ${spec} for comparison …`)
    const { stderr } = spawnSync(program, ['-m', 'pip', 'install', '--quiet', spec], {
      encoding: 'utf8',
    })
    if (spawnSync(program, ['-c', `import ${module}`]).status === 0) continue
    console.error(`${spec} is left out: ${stderr?.trim().split('\n').at(-1) ?? 'no Python'}`)
    return undefined
  }
  return program
}
