// Builds everything that runs: the WebAssembly kernels, then dist/. Run by `npm run build` and
// after `npm install`.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildKernels, wasm } from './build-kernels.js'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Runs a program of node_modules and stops the build if it fails. */
function run(script, ...args) {
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}

if (!buildKernels()) process.exit(1)
run('typescript/bin/tsc', '-p', 'tsconfig.build.json')
mkdirSync(join(root, 'dist/src/kernels'), { recursive: true })
cpSync(wasm, join(root, 'dist/src/kernels/kernels.wasm'))
