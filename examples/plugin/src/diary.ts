import { defineConnector } from 'cosmos-etl/core'
import { linePartitions, MAX_LINE_BYTES, PARTITION_BYTES, readLines } from 'cosmos-etl/files'
import { htmlToText } from 'cosmos-etl/text'
import { z } from 'zod'

const options = z.strictObject({
  input: z.string().describe('Path, folder or glob of .tsv files, compressed or not.'),
  author: z.string().optional().describe('Who wrote the entries.'),
})

/** Entries of a diary: a line each, a date, a tab and the entry as HTML. */
export const diary = defineConnector({
  name: 'diary',
  version: 1,
  summary: 'Diary entries from tab-separated files: date, then HTML.',
  options,
  example: { input: 'entries' },
  create: ({ input, author }, context) => ({
    partitions: () => linePartitions(context, { input, partitionBytes: PARTITION_BYTES }),
    async *read(partition, from) {
      const lines = readLines(context, partition, from, { maxLineBytes: MAX_LINE_BYTES })
      for await (const group of lines.groups) {
        for (const line of group) {
          const [date = '', html] = line.bytes.toString('utf8').split('\t')
          if (line.cut || html === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(date)) {
            yield lines.reject(line, 'malformed-row')
            continue
          }
          const { text } = htmlToText(html)
          const document = { kind: 'prose', key: date, created: date, text } as const
          yield { cursor: line.cursor, document: author ? { ...document, author } : document }
        }
      }
    },
  }),
})
