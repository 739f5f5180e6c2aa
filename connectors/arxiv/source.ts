import type { Storage } from '../../src/core/storage.ts'
import { gunzip } from '../../src/files/compression/gunzip.ts'
import { readTar } from '../../src/files/tar.ts'
import type { TexFiles } from '../../src/text/latex/convert.ts'
import { decodeTex } from './encoding.ts'
import type { EprintPlace } from './eprints.ts'
import { chooseMain, type Readme, readmeOf } from './main-file.ts'

/** The TeX files of a paper and the name of its main file, or the reason why there are none. */
export type PaperSource =
  | { readonly files: TexFiles; readonly main: string }
  | { readonly refused: string }

/** Limit for the decompressed source of one paper in bytes, figures included. */
const MAX_UNPACKED = 1 << 30

/** Archive members that can hold TeX. Old papers name their files without an extension. */
const TEX_NAME = /(?:^|\/)[^/.][^/.]*$|\.(?:tex|ltx|latex|txt|sty|def|tikz)$/i

const README = /^00README(?:\.(?:json|XXX))?$/

/** Larger packages, in bytes, are classes and not collections of abbreviations. */
const MAX_PACKAGE = 64 << 10

/**
 * Unpacks a source in memory and finds its main file. `maxTexBytes` limits all TeX of the paper
 * together; figures are skipped unread. The format is detected by the first bytes, because mirrors
 * rename files and browsers decompress them. A damaged source is an `input-corrupt` error.
 */
export async function paperSource(
  storage: Storage,
  place: EprintPlace,
  maxTexBytes: number,
): Promise<PaperSource> {
  const raw = storage.stream(place.path, place.start, place.end)
  const packed = await peek(raw, 2)
  const isGzip = packed.head[0] === 0x1f && packed.head[1] === 0x8b
  const plain = isGzip ? bounded(gunzip(packed.all, place.where)) : packed.all
  const { head, all, close } = await peek(plain, 512)
  const magic = Buffer.from(head).toString('latin1')
  const refused = refusalOf(magic)
  try {
    if (refused !== undefined) return { refused }
    const isTar = magic.slice(257, 262) === 'ustar'
    return isTar
      ? await fromArchive(all, place.where, maxTexBytes)
      : await fromFile(all, maxTexBytes)
  } finally {
    await close()
  }
}

function refusalOf(magic: string): string | undefined {
  if (magic.startsWith('%PDF')) return 'pdf-only'
  if (magic.startsWith('%!PS') || magic.startsWith('\x04%!')) return 'postscript-only'
  if (/^\s*<(?:!doctype html|html)/i.test(magic)) return 'html-only'
  return magic.startsWith('PK') ? 'docx-only' : undefined
}

async function fromFile(chunks: AsyncIterable<Uint8Array>, maxBytes: number): Promise<PaperSource> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > maxBytes) return { refused: 'tex-too-large' }
    parts.push(chunk)
  }
  const main = 'main.tex'
  const text = decodeTex(Buffer.concat(parts))
  if (!text?.includes('\\')) return { refused: 'no-tex' }
  return { files: new Map([[main, text]]), main }
}

async function fromArchive(
  chunks: AsyncIterable<Uint8Array>,
  where: string,
  maxTexBytes: number,
): Promise<PaperSource> {
  const files = new Map<string, string>()
  let readme: Readme = new Map()
  let size = 0
  for await (const { name, bytes, escapes } of readTar(chunks, where, maxTexBytes)) {
    if (!bytes || escapes) continue
    if (README.test(name)) readme = readmeOf(name, bytes)
    if (!TEX_NAME.test(name) || name.startsWith('anc/')) continue
    if (name.endsWith('.sty') && bytes.length > MAX_PACKAGE) continue
    size += bytes.length
    if (size > maxTexBytes) return { refused: 'tex-too-large' }
    const text = decodeTex(bytes)
    if (text !== undefined) files.set(name, text)
  }
  const main = chooseMain(files, readme)
  return main === undefined ? { refused: 'no-tex' } : { files, main }
}

/** Passes a stream through and throws `TooLarge` when it exceeds `MAX_UNPACKED` bytes. */
async function* bounded(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0
  for await (const chunk of chunks) {
    size += chunk.length
    if (size > MAX_UNPACKED) throw new TooLarge('unpacks to more than 1 GiB')
    yield chunk
  }
}

/** Thrown when a source decompresses to more than a paper can be. */
export class TooLarge extends Error {}

/** Returns the first bytes of a stream, and the whole stream including them. */
async function peek(source: AsyncIterable<Uint8Array>, length: number) {
  const iterator = source[Symbol.asyncIterator]()
  const first: Uint8Array[] = []
  let size = 0
  while (size < length) {
    const { done, value } = await iterator.next()
    if (done) break
    first.push(value)
    size += value.length
  }
  const begin = Buffer.concat(first)
  async function* all(): AsyncGenerator<Uint8Array> {
    if (begin.length > 0) yield begin
    for (let next = await iterator.next(); !next.done; next = await iterator.next())
      yield next.value
  }
  const close = async (): Promise<void> => void (await iterator.return?.(undefined))
  return { head: begin.subarray(0, length), all: all(), close }
}
