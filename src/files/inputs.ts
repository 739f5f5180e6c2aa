import { createHash } from 'node:crypto'
import { basename, relative, resolve } from 'node:path'
import type { Context } from '../core/component.ts'
import { EtlError } from '../core/errors.ts'

/** A file of a source. */
export interface InputFile {
  /** Absolute. */
  readonly path: string
  /** Bytes. */
  readonly size: number
  /**
   * The path below the folder or pattern that was asked for: how messages call the file on every
   * machine.
   */
  readonly label: string
  /** `label` in the letters a partition key may have, still unique. */
  readonly key: string
}

/**
 * The files a path, folder or glob stands for, sorted by byte order. None is an `input-missing`
 * error.
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

/**
 * The folder above the first wild card of a pattern; the pattern itself if it is a plain folder.
 */
function staticPart(pattern: string): string {
  const parts = pattern.split('/')
  const wild = parts.findIndex((part) => /[*?[\]{}()!+@]/.test(part))
  return wild === -1 ? pattern : parts.slice(0, wild).join('/')
}

/**
 * Letters, digits, `.`, `_`, `-` and `/` stay; where others had to go, a hash keeps the name
 * unique.
 */
function keyOf(label: string): string {
  const plain = label.replaceAll(/[^A-Za-z0-9._/-]/g, '_')
  if (plain === label) return plain
  return `${plain}-${createHash('sha256').update(label).digest('hex').slice(0, 8)}`
}
