import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { Context } from '../../src/core/component.ts'
import { defineConnector, type Item } from '../../src/core/connector.ts'
import { findInputs, type InputFile } from '../../src/files/inputs.ts'
import { bookOf, judgePage, type KeptPage, type PageResult, trustedLayer } from './book.ts'
import { type PageCache, pageCache } from './cache.ts'
import { type Engine, embeddedEngine, LANGUAGES } from './engine.ts'
import { localEngine, localRenderer } from './local-programs.ts'
import { recognise } from './read-page.ts'
import { openFile, PageError, type SourceFile } from './source-file.ts'

const options = z.strictObject({
  input: z.string().min(1).describe('File, folder or glob: PDF, PNG or JPEG.'),
  license: z.string().optional().describe('Licence of the books: an SPDX expression or a URL.'),
  textLayer: z
    .enum(['judged', 'ignored'])
    .default('judged')
    .describe(
      'Whether the text layer of a PDF is used if it looks sound, or every page is recognised.',
    ),
  language: z.enum(LANGUAGES).default('ara').describe('Language data of the recogniser.'),
  programs: z
    .enum(['embedded', 'local'])
    .default('embedded')
    .describe(
      '`local`: use tesseract and pdftoppm of this machine if installed. ' +
        'The text then depends on their versions.',
    ),
  dpi: z
    .int()
    .min(72)
    .max(600)
    .default(300)
    .describe('Resolution of rendered PDF pages in dots per inch.'),
  maxPixels: z
    .int()
    .min(10_000)
    .default(40_000_000)
    .describe('Pictures with more pixels are skipped; PDF pages are rendered coarser instead.'),
  maxFileBytes: z
    .int()
    .min(1)
    .default(1 << 28)
    .describe('Largest file in bytes, since files are read whole; larger ones are skipped.'),
  minConfidence: z
    .number()
    .min(0)
    .max(100)
    .default(65)
    .describe('Pages with a lower mean confidence of their words (0 to 100) are skipped.'),
  threads: z
    .int()
    .min(1)
    .max(64)
    .default(1)
    .describe('Number of pages of one file that are recognised in parallel.'),
})

/**
 * Reads scanned Arabic books, one document per file: the text layer if it can be trusted, otherwise
 * by text recognition.
 */
export const arabicOcr = defineConnector({
  name: 'arabic-ocr',
  version: 2,
  summary:
    'Arabic books as PDF or page pictures: the text layer if it is sound, ' +
    'otherwise offline text recognition.',
  options,
  example: { input: 'fixtures/page.png' },
  create(options, context) {
    return {
      async *partitions() {
        for (const file of await findInputs(context, options.input)) {
          const { path, size, label } = file
          yield { key: file.key, bytes: size, spec: { path, size, label } }
        }
      },
      async *read(partition, from): AsyncIterable<Item> {
        const { path, size, label } = partition.spec as {
          path: string
          size: number
          label: string
        }
        const done = typeof from === 'number' ? from : 0
        const engine = await engineFor(options, context)
        const stop = (): void => void engine.close()
        context.signal.addEventListener('abort', stop)
        try {
          context.signal.throwIfAborted()
          const items: Content[] = []
          for await (const item of readFile({ path, size, label }, options, context, engine)) {
            if (item === 'progress') yield { cursor: done, progress: true }
            else items.push(item)
          }
          // Recognised pages are cached, so a second read is cheap and the cursor can simply count
          // the items yielded.
          for (const [index, item] of items.entries())
            if (index >= done) yield { cursor: index + 1, ...item }
        } finally {
          context.signal.removeEventListener('abort', stop)
          await engine.close()
        }
      },
    }
  },
})

type Options = z.output<typeof options>
type File = Pick<InputFile, 'path' | 'size' | 'label'>
/** An item without its cursor. Skipped pages come first, then the book. */
type Content = Item extends infer One
  ? One extends { cursor: unknown }
    ? Omit<One, 'cursor'>
    : never
  : never

async function engineFor(
  { language, threads, programs }: Options,
  context: Context,
): Promise<Engine> {
  const parallel = threadsFor(threads, context.memoryBytes)
  const local = programs === 'local' ? await localEngine(language, parallel) : undefined
  if (programs === 'local' && !local)
    context.warn('arabic-ocr: no tesseract with this language found, using the embedded one')
  return local ?? embeddedEngine(language, parallel)
}

/** Memory of a recogniser thread with its data and a page: about 200 MB. */
const THREAD_BYTES = 200 << 20

const threadsFor = (wanted: number, memoryBytes: number): number =>
  Math.max(1, Math.min(wanted, Math.floor(memoryBytes / THREAD_BYTES)))

async function* readFile(
  file: File,
  options: Options,
  context: Context,
  engine: Engine,
): AsyncIterable<Content | 'progress'> {
  const where = file.label
  if (file.size > options.maxFileBytes) return yield { skipped: 'file-too-large', where }
  const bytes = await readWhole(file, context)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  let source: SourceFile
  try {
    const drawPage = options.programs === 'local' ? await localRenderer() : undefined
    const draw = drawPage && ((page: number, dpi: number) => drawPage(file.path, page, dpi))
    source = await openFile(bytes, { dpi: options.dpi, maxPixels: options.maxPixels, draw })
  } catch (error) {
    if (!(error instanceof PageError)) throw error
    return yield { skipped: error.reason, where: `${where}: ${error.message}` }
  }
  try {
    const pages: KeptPage[] = []
    for await (const result of readPages(source, sha256, options, context, engine)) {
      if ('skipped' in result)
        yield { skipped: result.skipped, where: `${where}: page ${result.page}` }
      else pages.push(result)
      yield 'progress'
    }
    const facts = {
      sha256,
      name: file.label,
      pages: source.pages,
      license: options.license,
      engine: engine.name,
    }
    const document = bookOf(pages, facts)
    if (document) yield { document }
    else
      for (const { page } of pages) yield { skipped: 'empty-page', where: `${where}: page ${page}` }
  } finally {
    await source.close()
  }
}

async function readWhole({ path, size }: File, { storage }: Context): Promise<Uint8Array> {
  const handle = await storage.open(path)
  try {
    return await handle.read(0, size)
  } finally {
    await handle.close()
  }
}

/** Yields the pages in order. Reads as many in parallel as the engine can. */
async function* readPages(
  source: SourceFile,
  sha256: string,
  options: Options,
  context: Context,
  engine: Engine,
): AsyncIterable<PageResult> {
  const { language, programs, dpi, maxPixels } = options
  const cache = pageCache(context, {
    version: 2,
    engine: engine.name,
    language,
    programs,
    dpi,
    maxPixels,
  })
  const running: Promise<PageResult>[] = []
  try {
    for (let next = 1; next <= source.pages || running.length > 0; ) {
      context.signal.throwIfAborted()
      while (running.length < engine.parallel && next <= source.pages) {
        const page = readPage(source, next++, sha256, options, cache, engine)
        page.catch(() => {})
        running.push(page)
      }
      const first = await running.shift()
      if (first) yield first
    }
  } finally {
    await Promise.allSettled(running)
  }
}

async function readPage(
  source: SourceFile,
  number: number,
  sha256: string,
  options: Options,
  cache: PageCache,
  engine: Engine,
): Promise<PageResult> {
  try {
    const page = await source.page(number)
    try {
      const layer = options.textLayer === 'judged' ? trustedLayer(page.layer) : undefined
      if (layer) return { page: number, lines: layer }
      const known = await cache.get(sha256, number)
      const result = known ?? (await recognise(await page.picture(), engine))
      if (!known) await cache.put(sha256, number, result)
      return judgePage(number, result, options)
    } finally {
      page.release()
    }
  } catch (error) {
    if (error instanceof PageError) return { page: number, skipped: error.reason }
    throw error
  }
}
