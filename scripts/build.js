// Builds everything that runs: the WebAssembly kernels, then dist/. Run by `npm run build` and after `npm install`.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const kernels = join(root, 'src/kernels')

/** Runs a program of node_modules and stops the build if it fails. */
function run(script, ...args) {
  const { status } = spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: 'inherit',
  })
  if (status !== 0) process.exit(status ?? 1)
}

/** Whether `target` is missing or older than some file of `folder`. */
function isStale(target, folder) {
  if (!existsSync(target)) return true
  const made = statSync(target).mtimeMs
  return readdirSync(folder).some((name) => statSync(join(folder, name)).mtimeMs > made)
}

const sources = join(kernels, 'assembly')
const wasm = join(kernels, 'kernels.wasm')
if (existsSync(join(sources, 'index.ts')) && isStale(wasm, sources)) {
  run('assemblyscript/bin/asc.js', join(sources, 'index.ts'), '--config', join(sources, 'asconfig.json'), '-o', wasm)
}
run('typescript/bin/tsc', '-p', 'tsconfig.build.json')
if (existsSync(wasm)) {
  mkdirSync(join(root, 'dist/src/kernels'), { recursive: true })
  cpSync(wasm, join(root, 'dist/src/kernels/kernels.wasm'))
}
