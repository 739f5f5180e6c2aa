import { createHash } from 'node:crypto'
import { basename, relative, resolve } from 'node:path'
import type { Context } from '../core/component.ts'
import { EtlError } from '../core/errors.ts'

/** An input file of a source. */
export interface InputFile {
  /** Absolute. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  /**
   * Path relative to the requested folder or to the fixed part of the pattern. Messages use it
   * because it is the same on every machine.
   */
  readonly label: string
  /** `label` restricted to the characters of a partition key; still unique. */
  readonly key: string
}

/**
 * Finds the files of a path, folder or glob, sorted by byte order. Throws `input-missing` if there
 * are none.
 */
export async function findInputs(context: Context, input: string): Promise<InputFile[]> {
  const pattern = resolve(context.folder, input)
  const files = await context.storage.find(pattern)
  if (files.length === 0) {
    const what = 'no file is here, or none matches the pattern'
    throw new EtlError('input-missing', { where: input, what })
  }
  const [only] = files
  const base = files.length === 1 && only?.path === pattern ? undefined : staticPart(pattern)
  return files.map(({ path, size }) => {
    const label = base === undefined ? basename(path) : relative(base, path)
    return { path, size, label, key: keyOf(label) }
  })
}

/** The folder above the first wildcard of a pattern; the pattern itself if it is a plain folder. */
function staticPart(pattern: string): string {
  const parts = pattern.split('/')
  const wild = parts.findIndex((part) => /[*?[\]{}()!+@]/.test(part))
  return wild === -1 ? pattern : parts.slice(0, wild).join('/')
}

/**
 * Keeps letters, digits, `.`, `_`, `-` and `/`. If other characters had to be replaced, a hash
 * keeps the key unique.
 */
function keyOf(label: string): string {
  const plain = label.replaceAll(/[^A-Za-z0-9._/-]/g, '_')
  if (plain === label) return plain
  return `${plain}-${createHash('sha256').update(label).digest('hex').slice(0, 8)}`
}
