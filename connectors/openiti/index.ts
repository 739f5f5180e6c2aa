import { z } from 'zod'
import type { Context } from '../../src/core/component.ts'
import { defineConnector, type Item } from '../../src/core/connector.ts'
import type { Document } from '../../src/core/document.ts'
import { filesOf, type GroupFile, groupFiles } from '../../src/files/file-groups.ts'
import { findInputs } from '../../src/files/inputs.ts'
import { readWhole } from '../../src/files/whole-file.ts'
import { decodeText } from '../../src/text/main-text/charset.ts'
import { readBook } from './markdown.ts'
import { type BookName, primaryTexts, readBookName } from './versions.ts'

const options = z.strictObject({
  input: z
    .string()
    .min(1)
    .describe('Folder, file or glob of OpenITI texts: clones of its repositories, or a release'),
  license: z
    .string()
    .default('CC-BY-NC-SA-4.0')
    .describe('Licence of the texts, as stated by the release'),
  maxFileBytes: z
    .int()
    .min(1)
    .default(32 << 20)
    .describe('Largest file in bytes; larger ones are skipped'),
})

type Options = z.output<typeof options>

/** Reads classical Arabic books from OpenITI, one document per book. */
export const openiti = defineConnector({
  name: 'openiti',
  version: 1,
  summary:
    'Classical Arabic books from OpenITI without their markup, verses kept; ' +
    'one version per book, the most edited one.',
  notice:
    'OpenITI texts are under CC BY-NC-SA: not for commercial use. ' +
    'Notes by modern editors may be under copyright.',
  options,
  example: { input: 'fixtures/library' },
  create(options, context) {
    return {
      async *partitions() {
        const files = await findInputs(context, options.input)
        const primary = primaryTexts(files.map(({ label }) => label))
        yield* groupFiles(files.map((file) => ({ ...file, ...leftOut(file.label, primary) })))
      },
      async *read(partition, from) {
        for (const file of filesOf(context, partition, from))
          yield await readFile(context, options, file)
      },
    }
  },
})

function leftOut(label: string, primary: ReadonlyMap<string, string>): { skipped?: string } {
  const name = readBookName(label)
  if (!name) return { skipped: 'other-format' }
  return primary.get(name.book) === label ? {} : { skipped: 'other-version' }
}

async function readFile(context: Context, options: Options, file: GroupFile): Promise<Item> {
  const { path, label, cursor, skipped } = file
  const skip = (reason: string): Item => ({ cursor, skipped: reason, where: label })
  const name = readBookName(label)
  if (skipped !== undefined || !name) return skip(skipped ?? 'other-format')
  const bytes = await readWhole(context.storage.stream(path), options.maxFileBytes)
  if (!bytes) return skip('too-large')
  const book = readBook(decodeText(bytes).text)
  if (!book) return skip('malformed-header')
  if (book.text === '') return skip('no-text')
  return { cursor, document: documentOf(book.text, book.header, name, options) }
}

/**
 * ISO 639-1 codes of OpenITI’s languages, where they exist. Other languages keep their three-letter
 * code.
 */
const LANGUAGES: Readonly<Record<string, string>> = {
  ara: 'ar',
  per: 'fa',
  fas: 'fa',
  urd: 'ur',
  ota: 'ota',
}

function documentOf(
  text: string,
  header: ReadonlyMap<string, string>,
  name: BookName,
  options: Options,
): Document {
  const author = header.get('AuthorNAME')
  const url = [header.get('LibURL'), header.get('LibREADONLINE')].find((value) =>
    /^https?:/.test(value ?? ''),
  )
  const metadata = { book: name.book, version: name.version, author_id: name.authorId }
  const extra = { title: header.get('BookTITLE'), subject: header.get('BookSUBJ') }
  return {
    key: name.book,
    text,
    kind: 'prose',
    ...(name.lang ? { lang: LANGUAGES[name.lang] ?? name.lang } : {}),
    license: options.license,
    ...(author ? { author } : {}),
    ...(url ? { url } : {}),
    metadata: {
      ...metadata,
      ...(extra.title ? { title: extra.title } : {}),
      ...(extra.subject ? { subject: extra.subject } : {}),
    },
  }
}
