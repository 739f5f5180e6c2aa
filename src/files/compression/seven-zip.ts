import { fileURLToPath } from 'node:url'
import { EtlError } from '../../core/errors.ts'
import { findProgram, pipeThrough } from '../program.ts'

/** A command that accepts the arguments of 7-Zip. */
export interface SevenZip {
  readonly program: string
  readonly args: readonly string[]
}

const OWN = fileURLToPath(
  new URL(
    import.meta.url.endsWith('.ts')
      ? '../../../dist/src/files/compression/seven-zip-worker.js'
      : './seven-zip-worker.js',
    import.meta.url,
  ),
)

/**
 * The ways to run 7-Zip on this machine, best first: the program under any of its names, then the
 * npm package.
 */
export async function sevenZips(): Promise<readonly SevenZip[]> {
  const found = await Promise.all(['7z', '7zz', '7za'].map(findProgram))
  const local = found.find((program) => program !== undefined)
  return [
    ...(local === undefined ? [] : [{ program: local, args: [] }]),
    { program: process.execPath, args: [OWN] },
  ]
}

/**
 * Streams one member of a 7z archive (the end of its path), or all of them one after the other. A
 * missing member is an `input-unsupported` error; a damaged or encrypted archive is
 * `input-corrupt`.
 */
export async function* un7z(
  path: string,
  where: string,
  member: string | undefined,
  sevenZip?: SevenZip,
): AsyncIterable<Uint8Array> {
  const { program, args } = sevenZip ?? ((await sevenZips())[0] as SevenZip)
  const wanted = member === undefined ? [] : [`-i!${member}`, `-ir!*${member}`]
  // An empty password, because 7-Zip would otherwise prompt for one.
  const command = [...args, 'x', '-so', '-bd', '-p', ...wanted, '--', path]
  let isEmpty = true
  for await (const chunk of pipeThrough({ program, args: command, where })) {
    isEmpty = false
    yield chunk
  }
  if (!isEmpty || member === undefined) return
  const hint = 'Name the archive that holds it.'
  throw new EtlError('input-unsupported', {
    where,
    what: `there is no ${member} in the archive`,
    hint,
  })
}
