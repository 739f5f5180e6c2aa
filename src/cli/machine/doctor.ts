import { access } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import { fileURLToPath } from 'node:url'
import { findProgram } from '../../files/program.ts'
import { trainerReadiness } from '../../index.ts'
import { kernelMemory } from '../../kernels/memory/module.ts'
import { paint, size, table } from '../terminal/terminal.ts'

/** One thing looked at. */
interface Finding {
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

/** `etl doctor`: 0 if everything that is needed is there. */
export async function run(
  _args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const findings = [
    node(),
    kernels(),
    await built(),
    machine(),
    ...(await programs()),
    ...(await trainers()),
  ]
  const broken = findings.some(({ state }) => state === 'broken')
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(findings)}\n`)
    return broken ? 1 : 0
  }
  const colors = { ok: 'green', absent: 'dim', broken: 'red' } as const
  const lines = table(
    findings.map(({ what, state, found, note }) => [state, what, found, note]),
  ).split('\n')
  for (const [index, line] of lines.entries()) {
    const state = findings[index]?.state ?? 'ok'
    process.stdout.write(
      `${paint(colors[state], line.slice(0, 6), process.stdout)}${line.slice(6)}\n`,
    )
  }
  process.stdout.write(
    `\n${broken ? 'Something that is needed is missing.' : 'Everything that is needed is here.'}\n`,
  )
  return broken ? 1 : 0
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
async function built(): Promise<Finding> {
  const path = fileURLToPath(
    new URL(
      import.meta.url.endsWith('.ts') ? '../../../dist/src/worker.js' : '../../worker.js',
      import.meta.url,
    ),
  )
  const there = await access(path).then(
    () => true,
    () => false,
  )
  return there
    ? { what: 'worker', state: 'ok', found: 'compiled', note: '' }
    : { what: 'worker', state: 'broken', found: path, note: 'npm run build' }
}

function machine(): Finding {
  const found = `${availableParallelism()} cores, ${size(totalmem())} of memory`
  return { what: 'machine', state: 'ok', found, note: '' }
}

async function programs(): Promise<Finding[]> {
  return Promise.all(
    Object.entries(PROGRAMS).map(async ([what, note]): Promise<Finding> => {
      const path = await findProgram(what)
      return {
        what,
        state: path ? 'ok' : 'absent',
        found: path ?? '',
        note: path ? note : `optional: ${note}`,
      }
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
