// KenLM as a peer. Its package on PyPI only reads models; the program that estimates them is built
// from the same sources.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { QualityContext } from './section.ts'

const VERSION = '0.3.0'

const SCORE = `
import sys, kenlm
model = kenlm.Model(sys.argv[1])
for line in sys.stdin.buffer.read().decode().split('\\n'):
    print(-model.score(line, bos=True, eos=False) * 2.302585092994046)
`

/** A model of KenLM. */
export interface KenLm {
  /** Negative natural logarithm of the probability of each line of words. */
  score(lines: readonly string[]): number[]
}

/**
 * Estimates a model of KenLM on lines of words; undefined, with a printed reason, if KenLM cannot
 * be had.
 */
export function kenLm(
  context: QualityContext,
  name: string,
  order: number,
  lines: readonly string[],
): KenLm | undefined {
  const python = context.python([
    { module: 'kenlm', spec: `kenlm==${VERSION}` },
    { module: 'cmeel', spec: 'cmeel-boost==1.90.0' },
  ])
  const lmplz = python && lmplzProgram(context.cache, python)
  if (!python || !lmplz) return undefined
  const arpa = join(context.cache, `kenlm-${name}.arpa`)
  // The fallback is for counts of counts that a small corpus does not have.
  const args = ['-o', String(order), '-S', '1G', '--discount_fallback', '--arpa', arpa]
  const { status, stderr } = spawnSync(lmplz, args, { input: lines.join('\n'), maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(`lmplz failed: ${stderr.toString().slice(-500)}`)
  return {
    score(some) {
      const input = some.join('\n')
      const { stdout } = spawnSync(python, ['-c', SCORE, arpa], { input, maxBuffer: 1 << 28 })
      return stdout.toString().trim().split('\n').map(Number)
    },
  }
}

function lmplzProgram(cache: string, python: string): string | undefined {
  const folder = join(cache, `kenlm-${VERSION}`)
  const program = join(cache, `lmplz-${VERSION}`)
  if (existsSync(program)) return program
  console.error('building lmplz of KenLM …')
  mkdirSync(folder, { recursive: true })
  const run = (command: string, args: readonly string[]): void => {
    const { status, stderr, error } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' })
    if (status !== 0) throw error ?? new Error(stderr.slice(-500))
  }
  try {
    const download = ['download', '--quiet', '--no-deps', '--no-binary', 'kenlm']
    run(python, ['-m', 'pip', ...download, `kenlm==${VERSION}`])
    run('tar', ['xzf', `kenlm-${VERSION}.tar.gz`, '--strip-components=1'])
    run('g++', compilerArguments(folder, python, program))
    return program
  } catch (error) {
    console.error(`KenLM is left out: ${error instanceof Error ? error.message : error}`)
    return undefined
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function compilerArguments(folder: string, python: string, program: string): string[] {
  const show = 'import cmeel, os; print(os.path.dirname(cmeel.__file__))'
  const package_ = spawnSync(python, ['-c', show], { encoding: 'utf8' }).stdout.trim()
  const boost = join(dirname(package_), 'cmeel.prefix')
  const sources = ['lm', 'lm/builder', 'lm/common', 'util', 'util/stream', 'util/double-conversion']
    .flatMap((part) => readdirSync(join(folder, part)).map((name) => join(part, name)))
    .filter((path) => path.endsWith('.cc') && !/(?:test|main|benchmark\w*)\.cc$/.test(path))
  const defines = ['KENLM_MAX_ORDER=6', 'HAVE_CLOCKGETTIME', 'BOOST_PROGRAM_OPTIONS_DYN_LINK']
  return [
    ...['-w', '-O2', '-std=c++17', '-I.', `-I${join(boost, 'include')}`],
    ...defines.map((define) => `-D${define}`),
    ...[...sources, 'lm/builder/lmplz_main.cc', '-o', program],
    ...[`-L${join(boost, 'lib')}`, `-Wl,-rpath,${join(boost, 'lib')}`],
    ...['-lboost_program_options', '-lboost_thread', '-lpthread', '-lrt'],
  ]
}
