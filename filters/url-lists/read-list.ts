import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { Context } from '../../src/core/component.ts'
import { EtlError } from '../../src/core/errors.ts'
import { decompress } from '../../src/files/compression/decompress.ts'
import { findInputs } from '../../src/files/inputs.ts'
import { splitLines } from '../../src/files/lines/lines.ts'
import { readTar } from '../../src/files/tar.ts'
import { type KeySet, keySetBuilder } from './key-set.ts'
import { addressKeys } from './keys.ts'
import { rulesOf } from './lines.ts'

/** A list as the manifest names it. */
export interface ListOptions {
  readonly name: string
  /** Files, folders and globs. */
  readonly files: readonly string[]
  /** `domains` takes the whole domain of lines that have a path. */
  readonly kind: 'auto' | 'domains'
}

/** A list in memory. */
export interface UrlList {
  readonly name: string
  readonly domains: KeySet
  readonly paths: KeySet
  /** Domains and paths that the list excepts. */
  readonly exceptions: KeySet
  /** SHA-256 of its files after decompression, in order. */
  readonly hash: string
}

/** Lists have no longer lines. */
const MAX_LINE_BYTES = 8192
/** Members of archives are read into memory. */
const MAX_MEMBER_BYTES = 1 << 30

/** Files beside the lists in a folder of UT1: notes, and patterns that are no addresses. */
const BESIDE = /^(?:usage|global_usage|expressions|very_restrictive_expression)$/

/**
 * Reads all files of a list. Throws `input-missing` if there is none or none of them lists an
 * address. Lines that list none are counted in a warning.
 */
export async function readList(
  context: Context,
  { name, files, kind }: ListOptions,
): Promise<UrlList> {
  const [domains, paths, exceptions] = [keySetBuilder(), keySetBuilder(), keySetBuilder()]
  const keys = addressKeys()
  const hash = createHash('sha256')
  let listed = 0
  let unusable = 0
  for await (const { bytes, cut } of linesOf(context, files, (chunk) => hash.update(chunk))) {
    const rules = cut ? undefined : rulesOf(bytes.toString('utf8'))
    if (rules === undefined) unusable++
    for (const { host, path, except } of rules ?? []) {
      const address = { host, path: kind === 'domains' ? '' : path }
      keys.read(address)
      keys.whole((except ? exceptions : address.path === '' ? domains : paths).add)
      listed++
    }
  }
  if (listed === 0) {
    const what = `the list "${name}" has no domain or path in it`
    throw new EtlError('input-missing', { where: files.join(', '), what })
  }
  if (unusable > 0) {
    const lines = unusable === 1 ? 'one line lists' : `${unusable} lines list`
    context.warn(`list ${name}: ${lines} no domain or path and had no effect`)
  }
  return {
    name,
    domains: domains.finish(),
    paths: paths.finish(),
    exceptions: exceptions.finish(),
    hash: hash.digest('hex'),
  }
}

async function* linesOf(
  context: Context,
  files: readonly string[],
  seen: (chunk: Uint8Array) => void,
) {
  for (const file of files) {
    for (const { path, label } of await findInputs(context, file)) {
      if (BESIDE.test(basename(label))) continue
      for await (const chunks of contentsOf(context, path, label)) {
        const watched = watch(chunks, seen)
        for await (const lines of splitLines(watched, { maxLineBytes: MAX_LINE_BYTES }))
          yield* lines
      }
    }
  }
}

/** The content of a plain or compressed file, or of each list in an archive. */
async function* contentsOf(context: Context, path: string, label: string) {
  const chunks = decompress(context.storage, path, { where: label })
  if (!/\.(?:tar(?:\.\w+)?|tgz)$/i.test(label)) yield chunks
  else {
    for await (const { name, bytes, type } of readTar(chunks, label, MAX_MEMBER_BYTES)) {
      if (type === 'file' && bytes === undefined) {
        const what = `its member ${name} is larger than ${MAX_MEMBER_BYTES} bytes`
        throw new EtlError('input-unsupported', { where: label, what })
      }
      if (bytes !== undefined && !BESIDE.test(basename(name))) yield [bytes]
    }
  }
}

/** The same chunks, each shown to `seen` first; a line feed at the end keeps files apart. */
async function* watch(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  seen: (chunk: Uint8Array) => void,
): AsyncIterable<Uint8Array> {
  for await (const chunk of chunks) {
    seen(chunk)
    yield chunk
  }
  seen(Uint8Array.of(10))
}
