import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import { type Connector, defineConnector, type Item } from '../../src/core/connector.ts'
import {
  type LineReader,
  linePartitions,
  MAX_LINE_BYTES,
  PARTITION_BYTES,
  readLines,
} from '../../src/files/lines/line-files.ts'
import type { Line } from '../../src/files/lines/lines.ts'
import { type Post, postReader } from './post.ts'
import { assembleThread, postDocument } from './thread.ts'

const options = z.strictObject({
  input: z
    .string()
    .min(1)
    .describe(
      'File, folder or glob: monthly dumps of submissions (RS_…) and comments (RC_…), ' +
        'plain or compressed',
    ),
  documents: z
    .enum(['threads', 'posts'])
    .default('threads')
    .describe('What becomes one document: a submission with its comments, or each post on its own'),
  minScore: z.int().default(2).describe('Submissions and comments with a lower score are skipped'),
  over18: z.boolean().default(false).describe('Whether submissions marked as over 18 are kept'),
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

/** Reads Reddit dumps in the form that Pushshift and Arctic Shift publish. */
export const reddit = defineConnector({
  name: 'reddit',
  version: 1,
  summary: 'Reddit threads or single posts from monthly dumps, without deleted posts and bots.',
  notice:
    'Reddit users keep the rights to what they wrote and no open licence covers the dumps; ' +
    'Reddit requires a contract before its content is used to train models. ' +
    'Read them only if you have settled that. ' +
    'What is deleted on Reddit must be deleted by you too.',
  options,
  example: { input: 'fixtures' },
  create(options, context): Connector {
    const readPost = postReader(options)
    const single = options.documents === 'posts'
    return {
      partitions: () => linePartitions(context, { ...options, grouped: true }),
      async *read(partition, from) {
        const lines = readLines(context, partition, from, options)
        for await (const group of lines.groups) {
          for (const line of group) {
            if (line.bytes.length > 0) yield readRow(line, lines, readPost, single)
          }
        }
      },
      ...(single
        ? {}
        : {
            grouping: {
              key: (record) => (record as Post).thread,
              assemble: (records) => assembleThread(records as readonly Post[]),
            },
          }),
    }
  },
})

function readRow(
  line: Line,
  lines: LineReader,
  readPost: ReturnType<typeof postReader>,
  single: boolean,
): Item {
  if (line.cut) return lines.reject(line, 'line-too-long')
  if (!isUtf8(line.bytes)) return lines.reject(line, 'invalid-utf8')
  const post = readPost(line.bytes, () => (single ? '' : lines.skip(line, '').where))
  if (post === 'malformed-row' || post === 'not-a-post') return lines.reject(line, post)
  if (typeof post === 'string') return lines.skip(line, post)
  if (!single) return { cursor: line.cursor, record: post }
  const document = postDocument(post)
  return typeof document === 'string'
    ? lines.skip(line, document)
    : { cursor: line.cursor, document }
}
