// Peers live in a Python environment of the bench's own, made on first use.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Packages by the module that proves them installed. fastText is compiled here, for this processor.
 */
const PACKAGES: readonly { module: string; specs: readonly string[]; flags?: readonly string[] }[] =
  [
    { module: 'django', specs: ['django==5.2.19'], flags: ['--no-deps'] },
    { module: 'fasttext', specs: ['fasttext==0.9.3'], flags: ['--no-binary', 'fasttext'] },
    {
      module: 'datatrove.pipeline.dedup',
      specs: [
        'datatrove==0.10.1',
        'nltk==3.10.4',
        'spacy==3.8.18',
        'regex',
        'tldextract',
        'tokenizers==0.23.3',
        'xxhash==3.8.2',
      ],
    },
    { module: 'sentencepiece', specs: ['sentencepiece==0.2.3'] },
    { module: 'wordfreq', specs: ['wordfreq==3.1.1'] },
    { module: 'datasketch', specs: ['datasketch==2.0.0'] },
    { module: 'rensa', specs: ['rensa==0.5.0'] },
    // text-dedup asks for Spark and more; its MinHash needs these alone.
    {
      module: 'datasets',
      specs: [
        'datasets==5.2.0',
        'bitarray',
        'rich',
        'click-option-group',
        'pybloom-live',
        'psutil',
        'zstandard',
      ],
    },
    { module: 'text_dedup.minhash', specs: ['text-dedup==0.4.0'], flags: ['--no-deps'] },
  ]

export interface Peers {
  readonly python: string
  /** Folder of the packages; undefined if there is no environment. */
  readonly packages: string | undefined
  /** Why a module is missing, by module. */
  readonly missing: ReadonlyMap<string, string>
  readonly versions: string
}

/**
 * Installs the environment below `cache`. Packages that cannot be installed are reported, and the
 * rest is installed.
 */
export function installPeers(cache: string): Peers {
  const venv = join(cache, 'venv')
  const python = join(venv, 'bin/python')
  const missing = new Map<string, string>()
  if (!existsSync(python)) run('python3', ['-m', 'venv', venv])
  if (!existsSync(python)) {
    for (const { module } of PACKAGES) missing.set(module, 'no Python with venv')
    return { python, packages: undefined, missing, versions: '' }
  }
  for (const { module, specs, flags = [] } of PACKAGES) {
    if (imports(python, module) === undefined) continue
    console.error(`installing ${specs[0]} for comparison …`)
    const env = { CFLAGS: '-O3 -march=native', CXXFLAGS: '-O3 -march=native' }
    const problem = run(python, ['-m', 'pip', 'install', '--quiet', ...flags, ...specs], env)
    const failure = problem ?? imports(python, module)
    if (failure !== undefined) missing.set(module, failure)
  }
  const site = spawnSync(
    python,
    ['-c', 'import sysconfig; print(sysconfig.get_paths()["purelib"])'],
    {
      encoding: 'utf8',
    },
  )
  const frozen = spawnSync(python, ['-m', 'pip', 'freeze'], { encoding: 'utf8' }).stdout
  const wanted =
    /^(?:fasttext|datatrove|datasketch|rensa|text-dedup|sentencepiece|wordfreq|numpy|Django)==/
  const versions = frozen
    .split('\n')
    .filter((line) => wanted.test(line))
    .join(', ')
  return { python, packages: site.stdout.trim() || undefined, missing, versions }
}

function imports(python: string, module: string): string | undefined {
  return run(python, ['-c', `import ${module}`])
}

/** The last line of an error, or undefined if all went well. */
function run(
  program: string,
  args: readonly string[],
  env: Record<string, string> = {},
): string | undefined {
  const { status, stderr, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  })
  if (status === 0) return undefined
  return error?.message ?? stderr.trim().split('\n').at(-1) ?? `exit status ${status}`
}
