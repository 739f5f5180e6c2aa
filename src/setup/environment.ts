import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { EtlError } from '../core/errors.ts'
import type { Part } from './part.ts'

const run = promisify(execFile)

/** How to set a part up. */
export interface SetupOptions {
  /** Tries the smaller build for CPUs first. */
  readonly cpu?: boolean
  /** Also what the project's tests need. */
  readonly tests?: boolean
  readonly say: (message: string) => void
}

/** Whether a part can be used. */
export interface PartState {
  readonly name: string
  readonly summary: string
  /** `incomplete`: begun and not finished, or made of other versions than are pinned now. */
  readonly state: 'ready' | 'incomplete' | 'absent'
  readonly folder: string
  readonly size: string
}

/** The file that a finished environment has: a hash of what it was made of. */
const READY = 'etl-ready'

const venvOf = (part: Part): string => join(part.folder, '.venv')
const pythonOf = (part: Part): string => join(venvOf(part), 'bin/python')

/** The state of a part, without starting anything. */
export async function stateOf(part: Part): Promise<PartState> {
  const { name, summary, size } = part
  const made = await readFile(join(venvOf(part), READY), 'utf8').catch(() => '')
  const wanted = [await hashOf(part, false), await hashOf(part, true)]
  const started = existsSync(venvOf(part)) ? 'incomplete' : 'absent'
  const state = wanted.includes(made.trim()) ? 'ready' : started
  return { name, summary, state, folder: venvOf(part), size }
}

/**
 * Makes the environment of a part, or finishes one that was interrupted. Nothing is installed that
 * is there already. Returns the line that its check prints. Throws `setup-failed`, with what to do,
 * if there is no Python, the index of packages cannot be reached, or the part does not work.
 */
export async function setUp(part: Part, options: SetupOptions): Promise<string> {
  await makeVenv(part, options)
  await rm(join(venvOf(part), READY), { force: true })
  if (options.cpu && part.cpu) await installForCpu(part, part.cpu, options)
  const { use, tests } = part.requirements
  options.say(`Installing what ${options.tests ? tests : use} names …`)
  await install(part, ['-r', options.tests ? tests : use])
  const line = await checkPart(part)
  await writeFile(join(venvOf(part), READY), `${await hashOf(part, options.tests === true)}\n`)
  return line
}

/** Runs the check of a part and returns its line. Throws `setup-failed` with its last line. */
export async function checkPart(part: Part): Promise<string> {
  try {
    const { stdout } = await run(pythonOf(part), ['-c', part.check])
    return stdout.trim()
  } catch (cause) {
    const said = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : ''
    const what = said.split('\n').at(-1) || String(cause)
    throw failed(part, `it is installed and does not work: ${what}`, cause)
  }
}

/** Hash of the pinned packages of a part. */
async function hashOf({ folder, requirements }: Part, tests: boolean): Promise<string> {
  const files = tests ? [requirements.use, requirements.tests] : [requirements.use]
  const hash = createHash('sha256')
  for (const file of files) hash.update(await readFile(join(folder, file)).catch(() => file))
  return hash.digest('hex')
}

async function makeVenv(part: Part, { say }: SetupOptions): Promise<void> {
  if (await starts(pythonOf(part))) return
  const python = await findPython()
  if (python === undefined) {
    throw new EtlError('setup-failed', {
      where: part.name,
      what: 'no Python 3.11 or newer with venv was found',
      hint: 'Install one (Debian: `apt install python3-venv`), or set ETL_PYTHON to its path.',
    })
  }
  // What an interrupted call left of an environment cannot be trusted to start.
  await rm(venvOf(part), { recursive: true, force: true })
  say(`Making ${venvOf(part)} with ${python} …`)
  await run(python, ['-m', 'venv', venvOf(part)]).catch((cause: unknown) => {
    throw failed(part, 'the virtual environment cannot be made', cause)
  })
}

const starts = (python: string): Promise<boolean> =>
  run(python, ['-c', 'import pip']).then(
    () => true,
    () => false,
  )

/** The first Python that is new enough. */
async function findPython(): Promise<string | undefined> {
  const check = 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))'
  const names = ['python3.13', 'python3.12', 'python3.11', 'python3']
  const { ETL_PYTHON } = process.env
  for (const name of ETL_PYTHON ? [ETL_PYTHON, ...names] : names) {
    const isFit = await run(name, ['-c', check]).then(
      () => true,
      () => false,
    )
    if (isFit) return name
  }
  return undefined
}

async function installForCpu(
  part: Part,
  cpu: NonNullable<Part['cpu']>,
  { say }: SetupOptions,
): Promise<void> {
  const pins = await readFile(join(part.folder, part.requirements.use), 'utf8')
  const pin = pins.split('\n').find((line) => line.startsWith(`${cpu.package}==`))
  const quickly = ['--retries', '0', '--timeout', '15', '--no-deps', '--index-url', cpu.index]
  say(`Asking ${cpu.index} for the build for CPUs …`)
  const { code } = await pip(part, [...quickly, pin ?? cpu.package])
  if (code !== 0)
    say(`${cpu.index} cannot be reached: taking the usual build, which works on CPUs too.`)
}

/** What pip prints when it does not get through to an index. */
const UNREACHABLE =
  /NewConnectionError|new connection|ConnectTimeout|Name or service not known|name resolution|No route to host|Network is unreachable|ProxyError/

/** Installs with pip, trying twice, since indexes fail now and then. */
async function install(part: Part, args: readonly string[]): Promise<void> {
  let last = { code: 1 as number | null, said: '' }
  for (let attempt = 0; attempt < 2 && last.code !== 0; attempt++) last = await pip(part, args)
  if (last.code === 0) return
  if (UNREACHABLE.test(last.said)) {
    throw new EtlError('setup-failed', {
      where: part.name,
      what: 'the index of Python packages cannot be reached',
      hint:
        'Connect this machine, or point pip to an index inside your network ' +
        `(PIP_INDEX_URL), then run \`etl setup ${part.name}\` again: it goes on where it stopped.`,
    })
  }
  const reason = last.said.split('\n').findLast((line) => line.startsWith('ERROR:')) ?? ''
  throw failed(part, `packages could not be installed. ${reason}`.trim(), undefined)
}

/** Runs pip of the environment. Its messages are shown, and returned. */
function pip(
  part: Part,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly said: string }> {
  const all = ['-m', 'pip', 'install', '--disable-pip-version-check', '--progress-bar', 'off']
  return new Promise((done) => {
    const child = spawn(pythonOf(part), [...all, ...args], {
      cwd: part.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said = `${said}${chunk}`.slice(-100_000)
        process.stderr.write(chunk)
      })
    }
    child.once('error', () => done({ code: 1, said }))
    child.once('close', (code) => done({ code, said }))
  })
}

function failed(part: Part, what: string, cause: unknown): EtlError {
  return new EtlError('setup-failed', {
    where: part.name,
    what,
    hint: `The messages above say why. \`etl setup ${part.name}\` goes on where it stopped.`,
    cause,
  })
}
