import { extname } from 'node:path'
import { z } from 'zod'
import type { Context } from '../../src/core/component.ts'
import { defineConnector, type Item } from '../../src/core/connector.ts'
import { type Document, KINDS } from '../../src/core/document.ts'
import { isEtlError } from '../../src/core/errors.ts'
import { decompress } from '../../src/files/compression/decompress.ts'
import { filesOf, type GroupFile, groupFiles } from '../../src/files/file-groups.ts'
import { findInputs } from '../../src/files/inputs.ts'
import { readWhole } from '../../src/files/whole-file.ts'
import { decodeText, isBinary } from '../../src/text/main-text/charset.ts'
import { mainText } from '../../src/text/main-text/main-text.ts'

const options = z.strictObject({
  input: z
    .string()
    .min(1)
    .describe('Folder, file or glob: .txt, .md and .html files, plain or compressed'),
  kind: z.enum(KINDS).default('prose').describe('Kind of the texts'),
  lang: z
    .string()
    .optional()
    .describe('Language of the texts; an HTML page that declares its own keeps that one'),
  license: z.string().optional().describe('Licence of the texts'),
  maxFileBytes: z
    .int()
    .min(1)
    .default(16 << 20)
    .describe('Largest file in bytes after decompression; larger ones are skipped'),
})

type Options = z.output<typeof options>

const FORMATS = new Map(
  Object.entries({
    ...{ '.txt': 'text', '.text': 'text', '.md': 'markdown', '.markdown': 'markdown' },
    ...{ '.html': 'html', '.htm': 'html', '.xhtml': 'html' },
  }),
)

/** Reads plain text, Markdown and HTML files, one document per file. */
export const text = defineConnector({
  name: 'text',
  version: 3,
  summary: 'Plain text, Markdown and HTML files in any encoding; of HTML, only the main text.',
  options,
  example: { input: 'fixtures/notes' },
  create(options, context) {
    return {
      async *partitions() {
        yield* groupFiles(await findInputs(context, options.input))
      },
      async *read(partition, from) {
        for (const file of filesOf(context, partition, from))
          yield await readFile(context, options, file)
      },
    }
  },
})

async function readFile(context: Context, options: Options, file: GroupFile): Promise<Item> {
  const { path, label, cursor } = file
  const skip = (skipped: string): Item => ({ cursor, skipped, where: label })
  const format = FORMATS.get(extname(label.replace(/\.(?:gz|zst|bz2|xz)$/, '')).toLowerCase())
  if (format === undefined) return skip('other-format')
  try {
    const bytes = await readWhole(
      decompress(context.storage, path, { where: label }),
      options.maxFileBytes,
    )
    if (bytes === undefined) return skip('too-large')
    if (isBinary(bytes)) return skip('binary')
    const document = documentOf(bytes, format, options)
    return document
      ? { cursor, document: { key: label.normalize('NFC'), ...document } }
      : skip('no-text')
  } catch (error) {
    // A damaged file does not stop the others from being read.
    if (isEtlError(error) && error.code === 'input-corrupt') return skip('damaged')
    throw error
  }
}

function documentOf(bytes: Uint8Array, format: string, options: Options): Document | undefined {
  const { text, charset } = decodeText(bytes)
  const page = format === 'html' ? mainText(text) : undefined
  const body = page?.text ?? text.replace(/\r\n?/g, '\n')
  if (body.trim() === '') return undefined
  const lang = /^[a-z]{2,3}(?![a-z])/i.exec(page?.lang ?? '')?.[0].toLowerCase() ?? options.lang
  const license = options.license ?? page?.license
  return {
    text: body,
    kind: options.kind,
    ...(lang ? { lang } : {}),
    ...(license ? { license } : {}),
    metadata: { format, charset, ...(page?.title ? { title: page.title } : {}), ...page?.optOut },
  }
}
