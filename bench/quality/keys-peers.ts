// What other scanners find in the cases: detect-secrets from PyPI, gitleaks built with Go.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Case } from './keys-sets.ts'
import { GITLEAKS } from './keys-sets.ts'
import type { QualityContext } from './section.ts'

/** For each case whether something was found in it. */
export interface Peer {
  readonly name: string
  readonly found: readonly boolean[]
}

/** The peers that can be had on this machine; for others the reason is printed. */
export function askPeers(context: QualityContext, cases: readonly Case[]): Peer[] {
  const folder = join(context.cache, 'key-cases')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const names = cases.map((_, i) => `${i}.${EXTENSIONS[cases[i]!.language] ?? 'txt'}`)
  for (const [i, { text }] of cases.entries()) writeFileSync(join(folder, names[i]!), text)
  return [detectSecrets(context, folder, names), gitleaks(context, folder, names)].filter(
    (peer) => peer !== undefined,
  )
}

/** Endings of files by spelling of gitleaks, or the ending itself. */
const EXTENSIONS: Readonly<Record<string, string>> = {
  ...{ ini: 'ini', json: 'json', xml: 'xml', yaml: 'yaml', yml: 'yml', 'C#': 'cs', go: 'go' },
  ...{ java: 'java', kotlin: 'kt', php: 'php', python: 'py', make: 'mk', tf: 'tf', hcl: 'hcl' },
  ...{ config: 'config', env: 'env', ts: 'ts' },
}

const DETECT_SECRETS = `
import json, sys
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings
with default_settings():
    print(json.dumps([any(True for _ in scan_file(path)) for path in json.load(sys.stdin)]))
`

function detectSecrets(
  context: QualityContext,
  folder: string,
  names: readonly string[],
): Peer | undefined {
  const spec = 'detect-secrets==1.5.0'
  const python = context.python([{ module: 'detect_secrets', spec }])
  if (python === undefined) return undefined
  const { stdout, status, stderr } = spawnSync(python, ['-c', DETECT_SECRETS], {
    input: JSON.stringify(names.map((name) => join(folder, name))),
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (status !== 0) throw new Error(`detect-secrets failed: ${stderr.trim()}`)
  return { name: 'detect-secrets 1.5.0', found: JSON.parse(stdout) as boolean[] }
}

function gitleaks(
  context: QualityContext,
  folder: string,
  names: readonly string[],
): Peer | undefined {
  const program = join(context.cache, `gitleaks-${GITLEAKS.commit.slice(0, 12)}`)
  if (!existsSync(program)) {
    console.error('building gitleaks …')
    const built = spawnSync('go', ['build', '-o', program, '.'], {
      cwd: context.open(GITLEAKS),
      encoding: 'utf8',
    })
    if (built.status !== 0) {
      console.error(`gitleaks is left out: ${built.error?.message ?? built.stderr.trim()}`)
      return undefined
    }
  }
  const report = join(context.cache, 'key-cases.json')
  const options = ['--no-banner', '--exit-code', '0', '--report-format', 'json']
  const { status, stderr } = spawnSync(
    program,
    ['dir', folder, ...options, '--report-path', report],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(`gitleaks failed: ${stderr.trim()}`)
  const findings = JSON.parse(readFileSync(report, 'utf8')) as readonly { readonly File: string }[]
  const files = new Set(findings.map(({ File }) => File.split('/').at(-1)))
  return { name: 'gitleaks', found: names.map((name) => files.has(name)) }
}
