// Compiles src/kernels/assembly.ts and what it exports to src/kernels/kernels.wasm, if that is
// missing or outdated.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const sources = join(root, 'src/kernels')

export const wasm = join(root, 'src/kernels/kernels.wasm')

/**
 * Returns whether kernels.wasm now matches its sources. A failed build prints why and keeps the old
 * file.
 */
export function buildKernels() {
  if (!isStale()) return true
  const asc = join(root, 'node_modules/assemblyscript/bin/asc.js')
  const fresh = `${wasm}.${process.pid}`
  const options = ['--config', join(sources, 'asconfig.json'), '-o', fresh]
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [asc, join(sources, 'assembly.ts'), ...options],
    {
      cwd: root,
      encoding: 'utf8',
    },
  )
  // Messages of the optimiser itself are of no use.
  if (status !== 0 || stderr.includes('WARNING')) process.stderr.write(`${stdout}${stderr}`)
  if (status === 0) renameSync(fresh, wasm)
  else rmSync(fresh, { force: true })
  return status === 0
}

function isStale() {
  if (!existsSync(wasm)) return true
  const made = statSync(wasm).mtimeMs
  const files = readdirSync(sources, { recursive: true }).filter((path) =>
    /(^|\/)(assembly.*\.ts|asconfig\.json)$/.test(path),
  )
  return files.some((path) => statSync(join(sources, path)).mtimeMs > made)
}

/**
 * Vitest's global setup: compiles the kernels, so that tests run with the current sources.
 */
export default function setup() {
  if (!buildKernels() && !existsSync(wasm)) throw new Error('the kernels do not compile')
}
