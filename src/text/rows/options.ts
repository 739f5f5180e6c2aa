import { z } from 'zod'
import { KINDS } from '../../core/document.ts'

const path = z.string().min(1)

const help = (what: string): string =>
  `Member that holds ${what}: \`name\`, \`outer.inner\`, or a JSON Pointer such as \`/a.b/0\``

/** Options of connectors that read rows with named members: which member becomes what. */
export const rowOptions = z.strictObject({
  textField: path
    .optional()
    .describe(
      help(
        'the text; unless given, the first of text, content, body, markdown, messages, ' +
          'conversations',
      ),
    ),
  idField: path.default('id').describe(help('the id, unique in the source')),
  urlField: path.default('url').describe(help('the address of the text')),
  licenseField: path.default('license').describe(help('the licence')),
  authorField: path.default('author').describe(help('the author')),
  createdField: path.default('created').describe(help('when the text was published')),
  revisedField: path.default('revised').describe(help('when this version was written')),
  langField: path.default('lang').describe(help('the language')),
  kindField: path.default('kind').describe(help('the kind: prose, code or mixed')),
  metadataFields: z
    .array(path)
    .default([])
    .describe('Further members to keep, under their own path'),
  license: z.string().optional().describe('Licence of rows that do not name one'),
  lang: z.string().optional().describe('Language of rows that do not name one'),
  kind: z.enum(KINDS).default('prose').describe('Kind of rows that do not name one'),
})

/** The options with their defaults filled in. */
export type RowOptions = z.output<typeof rowOptions>
