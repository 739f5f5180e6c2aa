import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import {
  type Cursor,
  defineConnector,
  type Item,
  type Partition,
} from '../../src/core/connector.ts'
import {
  type LineReader,
  linePartitions,
  MAX_LINE_BYTES,
  PARTITION_BYTES,
  readLines,
} from '../../src/files/lines/line-files.ts'
import type { Line } from '../../src/files/lines/lines.ts'
import { type Post, postReader } from './post.ts'
import { guessSite, questionKey } from './sites.ts'
import { assembleThread } from './thread.ts'

const options = z.strictObject({
  input: z
    .string()
    .min(1)
    .describe(
      'File, folder or glob: Posts.xml of any sites, plain, compressed or in the original .7z',
    ),
  site: z
    .string()
    .regex(/^[a-z0-9.-]+$/)
    .optional()
    .describe(
      'Host name of the site, for addresses; if omitted, guessed from the file and folder names',
    ),
  minScore: z
    .int()
    .default(3)
    .describe('Lowest score of answers; a question is kept if it or one of its answers reaches it'),
  maxPostId: z
    .int()
    .min(1)
    .default(500_000_000)
    .describe(
      'Posts with larger ids are fabricated, as in the dumps of June 2025; ' +
        'real ids had reached 80 million',
    ),
  maxLineBytes: z
    .int()
    .min(1)
    .default(MAX_LINE_BYTES)
    .describe('Longest row in bytes; longer ones are skipped'),
  partitionBytes: z
    .int()
    .min(1)
    .default(PARTITION_BYTES)
    .describe(
      'Bytes per partition: uncompressed files are split so that several workers read them',
    ),
})

/** Other tables of a dump, which may be in the same folder. */
const OTHER_TABLES = /(Users|Comments|Votes|Badges|Tags|PostHistory|PostLinks)\.(xml|7z)/i

/** Reads questions and answers of Stack Exchange sites, one document per thread. */
export const stackoverflow = defineConnector({
  name: 'stackoverflow',
  version: 2,
  summary: 'Questions with their good answers from the Posts.xml of any Stack Exchange site.',
  notice:
    'Stack Exchange posts are CC BY-SA: credit the authors and link the question. ' +
    'Downloading a dump from the site means confirming that it is for your own use and not for ' +
    'training a language model. Whether you may use it is for you to decide.',
  options,
  example: { input: 'fixtures/history.stackexchange.com-Posts.xml' },
  create(options, context) {
    const readPost = postReader(options)
    return {
      partitions: () =>
        linePartitions(context, {
          ...options,
          accepts: ({ path }) => !OTHER_TABLES.test(path.split('/').at(-1) ?? ''),
        }),
      async *read(partition, from) {
        const lines = readLines(context, partition, from, { ...options, member: 'Posts.xml' })
        const site = options.site ?? guessSite(String(partition.spec.path)) ?? ''
        const header = headerReader(partition, from)
        for await (const group of lines.groups) {
          for (const line of group) {
            if (header(line) || (!isRow(line) && isFrame(line))) continue
            yield readRow(line, lines, (row) =>
              readPost(row, site, () => lines.skip(line, '').where),
            )
          }
        }
      },
      grouping: {
        key: (record) => questionKey((record as Post).site || undefined, (record as Post).question),
        assemble: (records) => assembleThread(records as readonly Post[], options.minScore),
      },
    }
  },
})

function readRow(line: Line, lines: LineReader, read: (row: Buffer) => Post | string): Item {
  if (line.cut) return lines.reject(line, 'line-too-long')
  if (!isUtf8(line.bytes)) return lines.reject(line, 'invalid-utf8')
  const post = read(line.bytes)
  if (typeof post !== 'string') return { cursor: line.cursor, record: post }
  return post === 'malformed-row' ? lines.reject(line, post) : lines.skip(line, post)
}

const startsWith = (line: Line, ...starts: string[]): boolean => {
  const text = line.bytes.toString('latin1', 0, 40).trimStart()
  return starts.some((start) => text.startsWith(start))
}

/**
 * Whether a line starts with two blanks and `<row`, as nearly all do. Checked on bytes, without
 * creating a string.
 */
const isRow = ({ bytes }: Line): boolean =>
  bytes[2] === 0x3c && bytes[3] === 0x72 && bytes[0] === 0x20

/**
 * Whether a line is not a row but part of the file around them: tags of the root element, empty
 * lines, one-line comments.
 */
function isFrame(line: Line): boolean {
  if (line.bytes.length > 1000 || startsWith(line, '<row')) return false
  return (
    line.bytes.toString('latin1').trim() === '' || startsWith(line, '<posts', '</posts', '<?', '<!')
  )
}

/**
 * Returns a function that tells whether a line precedes the first row of a file, where comments and
 * a DOCTYPE may span several lines. Nothing that a DOCTYPE refers to is ever read.
 */
function headerReader(partition: Partition, from: Cursor | undefined): (line: Line) => boolean {
  let inHeader = from === undefined && partition.spec.start === 0
  let inComment = false
  return (line) => {
    if (!inHeader) return false
    const text = line.bytes.toString('latin1', 0, 1000)
    if (!inComment && startsWith(line, '<posts', '<row')) {
      inHeader = false
      return startsWith(line, '<posts')
    }
    inComment = (inComment || text.includes('<!--')) && !text.includes('-->')
    return true
  }
}
