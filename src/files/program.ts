import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { EtlError } from '../core/errors.ts'

const found = new Map<string, Promise<string | undefined>>()

/** Absolute path of a program on PATH, or undefined. Looked up once per process. */
export function findProgram(name: string): Promise<string | undefined> {
  const known = found.get(name) ?? lookUp(name)
  found.set(name, known)
  return known
}

async function lookUp(name: string): Promise<string | undefined> {
  const { PATH = '' } = process.env
  for (const folder of PATH.split(delimiter)) {
    if (folder === '') continue
    const path = join(folder, name)
    if (
      await access(path, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return path
  }
  return undefined
}

/** A program that turns its standard input (`input`, if given) into its standard output. */
export interface Pipe {
  readonly program: string
  readonly args: readonly string[]
  readonly input?: AsyncIterable<Uint8Array>
  /** File that the bytes come from, for messages. */
  readonly where: string
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

/**
 * Yields the program's output chunk by chunk. If the program fails, an `input-corrupt` error is
 * thrown after all of its output has been yielded; if it complains about memory, the code is
 * `input-unsupported`. The program is killed if the consumer stops early.
 */
export async function* pipeThrough(pipe: Pipe): AsyncIterable<Uint8Array> {
  const { program, args, input, where } = pipe
  const child: Child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  let complaint = ''
  let bytes = 0
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    if (complaint.length < 2000) complaint += text
  })
  const ended = new Promise<number | null | Error>((resolve) =>
    child.on('close', resolve).on('error', resolve),
  )
  const fed = feed(child.stdin, input)
  try {
    for await (const chunk of child.stdout) {
      bytes += (chunk as Uint8Array).length
      yield chunk as Uint8Array
    }
    const status = await ended
    const failure = await fed
    if (failure !== undefined) throw failure
    if (status !== 0) {
      const reason = withoutPlaces(complaint.trim().split('\n').at(-1) ?? '', program)
      const name = args[0] === undefined ? program : nameOf(program)
      const what = `${name} stopped after ${bytes} bytes of output: ${reason || status}`
      throw new EtlError(/memory/i.test(reason) ? 'input-unsupported' : 'input-corrupt', {
        where,
        what,
      })
    }
  } finally {
    child.kill('SIGKILL')
    child.stdin.destroy()
    await ended
    await fed
  }
}

/**
 * The complaint of a program without the program's folder and without zstd's name for standard
 * input: both look like file paths.
 */
const withoutPlaces = (complaint: string, program: string): string =>
  complaint.replaceAll(program, nameOf(program)).replaceAll('/*stdin*\\', 'stdin')

const nameOf = (program: string): string => program.split('/').at(-1) ?? program

/**
 * Writes the input as fast as the program accepts it. Resolves to the input's own error, if any; a
 * broken pipe is not an error.
 */
async function feed(
  stdin: Writable,
  input: AsyncIterable<Uint8Array> | undefined,
): Promise<unknown> {
  let broken = false
  stdin.on('error', () => {
    broken = true
  })
  stdin.on('close', () => {
    broken = true
  })
  try {
    for await (const chunk of input ?? []) {
      if (broken) return undefined
      if (!stdin.write(chunk)) await drained(stdin)
    }
    stdin.end()
    return undefined
  } catch (error) {
    stdin.destroy()
    return error
  }
}

function drained(stdin: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stdin.off('drain', done).off('close', done).off('error', done)
      resolve()
    }
    stdin.on('drain', done).on('close', done).on('error', done)
  })
}
