import { access, statfs } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import { EtlError } from './core/errors.ts'
import { findProgram } from './files/program.ts'
import { kernelMemory } from './kernels/memory/module.ts'
import { WORKER_SCRIPT } from './package.ts'
import { backends, parts, registry } from './registry.ts'
import {
  checkPart,
  type PartState,
  type SetupOptions,
  setUp,
  stateOf,
} from './setup/environment.ts'
import { trainerReadiness } from './training.ts'

/** What `etl` reports about the machine and the installation, and writes for the repository. */

/** One thing that was examined. */
export interface Finding {
  readonly what: string
  readonly state: 'ok' | 'absent' | 'broken'
  readonly found: string
  /** What it is needed for, or how to get it. */
  readonly note: string
}

/** Programs that are used when they are there. Nothing needs them. */
const PROGRAMS: Readonly<Record<string, string>> = {
  zstd: 'reads .zst; without it a decoder in JavaScript does',
  xz: 'reads .xz',
  '7z': 'reads .7z; without it the package 7z-wasm does',
  python3: 'runs the PyTorch trainer',
}

/** Examines this machine. `size` formats bytes. A `broken` finding means `etl` cannot work. */
export async function inspectMachine(size: (bytes: number) => string): Promise<Finding[]> {
  return [
    node(),
    kernels(),
    await worker(),
    hardware(size),
    await disk(size),
    ...(await programs()),
    ...(await trainers()),
    ...(await setUpParts()),
  ]
}

function node(): Finding {
  const { node: version } = process.versions
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const ok = major > 20 || (major === 20 && minor >= 19)
  return {
    what: 'node',
    state: ok ? 'ok' : 'broken',
    found: version,
    note: ok ? '' : 'install Node 20.19 or newer',
  }
}

function kernels(): Finding {
  try {
    kernelMemory()
    return { what: 'kernels', state: 'ok', found: 'WebAssembly SIMD', note: '' }
  } catch (error) {
    return { what: 'kernels', state: 'broken', found: String(error), note: 'npm run build' }
  }
}

/** Workers are processes of the compiled package, also when this runs as TypeScript. */
async function worker(): Promise<Finding> {
  const isBuilt = await access(WORKER_SCRIPT).then(
    () => true,
    () => false,
  )
  return isBuilt
    ? { what: 'worker', state: 'ok', found: 'compiled', note: '' }
    : { what: 'worker', state: 'broken', found: WORKER_SCRIPT, note: 'npm run build' }
}

function hardware(size: (bytes: number) => string): Finding {
  const found = `${availableParallelism()} cores, ${size(totalmem())} of memory`
  return { what: 'machine', state: 'ok', found, note: '' }
}

/** Free space where runs and corpora would be written. */
async function disk(size: (bytes: number) => string): Promise<Finding> {
  const { bavail, bsize } = await statfs('.')
  const free = bavail * bsize
  const isLittle = free < 2e9
  return {
    what: 'disk',
    state: isLittle ? 'broken' : 'ok',
    found: `${size(free)} free here`,
    note: isLittle ? 'less than 2 GB: free space, or work in another folder' : '',
  }
}

/** Parts that are set up on demand; those that are ready are tried. */
async function setUpParts(): Promise<Finding[]> {
  return Promise.all(
    parts.map(async (part): Promise<Finding> => {
      const { name, state, summary } = await stateOf(part)
      const what = `part ${name}`
      const how = `etl setup ${name}`
      if (state === 'absent')
        return { what, state, found: '', note: `optional: ${how}: ${summary}` }
      try {
        const found = await checkPart(part)
        const note = state === 'ready' ? '' : `not of the pinned versions: ${how}`
        return { what, state: 'ok', found, note }
      } catch (error) {
        return { what, state: 'absent', found: String(error).split('\n')[0] ?? '', note: how }
      }
    }),
  )
}

/** The parts that can be set up, and whether they are. */
export function listParts(): Promise<PartState[]> {
  return Promise.all(parts.map(stateOf))
}

/** Sets a part up, see `setUp`. Throws `component-unknown` for a name that no part has. */
export async function setUpPart(name: string, options: SetupOptions): Promise<string> {
  const part = parts.find((one) => one.name === name)
  if (part) return setUp(part, options)
  throw new EtlError('component-unknown', {
    what: `there is no part "${name}"`,
    hint: `Parts: ${parts.map((one) => one.name).join(', ')}.`,
  })
}

async function programs(): Promise<Finding[]> {
  return Promise.all(
    Object.entries(PROGRAMS).map(async ([what, use]): Promise<Finding> => {
      const path = await findProgram(what)
      return path
        ? { what, state: 'ok', found: path, note: use }
        : { what, state: 'absent', found: '', note: `optional: ${use}` }
    }),
  )
}

/** Training backends; none is needed, as `ngram` always works. */
async function trainers(): Promise<Finding[]> {
  const found = await trainerReadiness()
  return found.map(({ name, ready, devices, missing }): Finding => {
    const how = [...new Set(missing.map((one) => one.how))].join('; ')
    const seen = ready
      ? devices.map((device) => device.name).join(', ')
      : missing.map((one) => one.what).join('; ')
    return {
      what: name,
      state: ready ? 'ok' : 'absent',
      found: seen,
      note: ready ? 'trains' : `optional: ${how}`,
    }
  })
}

/** Every generated file of the repository at `root`, by its path. `npm run docs` writes them. */
export async function generatedFiles(root: string): Promise<Readonly<Record<string, string>>> {
  const { referenceFiles } = await import('./reference/index.ts')
  return referenceFiles(registry, backends, root)
}

/** Serves a parent process as one of its workers. Never returns. */
export async function serveAsWorker(): Promise<never> {
  await import('./worker.ts')
  return new Promise(() => undefined)
}
