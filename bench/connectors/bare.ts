// The least that any reader of a file must do: unpack it and parse its format with the usual
// library. Nothing is kept.
import { join } from 'node:path'
import { Parser } from 'htmlparser2'
import { openFile } from '../../connectors/arabic-ocr/source-file.ts'
import type { Context } from '../../src/core/component.ts'
import { decompress, decompressStream } from '../../src/files/compression/decompress.ts'
import { splitLines } from '../../src/files/lines/lines.ts'
import { openParquet } from '../../src/files/parquet/parquet.ts'
import { readTar } from '../../src/files/tar.ts'
import { readWhole } from '../../src/files/whole-file.ts'

/** Parses a file or folder and returns the number of its pieces. */
type Bare = (context: Context, path: string) => Promise<number>

const LIMIT = 1 << 30

async function markup({ storage }: Context, path: string, xmlMode: boolean): Promise<number> {
  let pieces = 0
  const parser = new Parser(
    { ontext: () => void pieces++, onopentag: () => void pieces++ },
    { xmlMode },
  )
  const decoder = new TextDecoder()
  for await (const chunk of decompress(storage, path))
    parser.write(decoder.decode(chunk, { stream: true }))
  parser.end()
  return pieces
}

/** Every file below a folder, or the members of an archive; archives in archives too. */
async function* filesOf({ storage }: Context, path: string): AsyncIterable<Uint8Array> {
  for (const { path: file } of await storage.find(path)) {
    if (/\.tar(?:\.gz)?$/.test(file)) yield* membersOf(decompress(storage, file))
    else yield (await readWhole(storage.stream(file), LIMIT)) ?? new Uint8Array(0)
  }
}

async function* membersOf(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  for await (const { name, bytes } of readTar(chunks, 'bench', LIMIT)) {
    if (!bytes) continue
    if (name.endsWith('.gz')) yield* membersOf(decompressStream(one(bytes), 'gzip', name))
    else yield bytes
  }
}

async function* one(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  yield bytes
}

/** The usual parser of each format, by the name a case uses. */
export const BARE: Readonly<
  Record<'xml' | 'html' | 'json' | 'parquet' | 'files' | 'pictures', Bare>
> = {
  xml: (context, path) => markup(context, path, true),
  html: (context, path) => markup(context, path, false),
  async json({ storage }, path) {
    let rows = 0
    for await (const lines of splitLines(decompress(storage, path), { maxLineBytes: LIMIT })) {
      for (const { bytes } of lines) if (JSON.parse(bytes.toString()) !== undefined) rows++
    }
    return rows
  },
  async parquet({ storage }, path) {
    const file = await openParquet(storage, path, path)
    let rows = 0
    for (const [at, start] of file.groupStarts.slice(0, -1).entries()) {
      rows += (await file.rows(file.columns, start, file.groupStarts[at + 1] ?? start)).length
    }
    await file.close()
    return rows
  },
  async files(context, path) {
    let count = 0
    for await (const bytes of filesOf(context, path))
      if (Buffer.from(bytes).toString('utf8').length > 0) count++
    return count
  },
  async pictures({ storage }, path) {
    const files = await storage.find(join(path))
    for (const { path: name } of files) {
      const bytes = await readWhole(storage.stream(name), LIMIT)
      const file = await openFile(bytes ?? new Uint8Array(0), { dpi: 300, maxPixels: 40_000_000 })
      await (await file.page(1)).picture()
    }
    return files.length
  },
}
