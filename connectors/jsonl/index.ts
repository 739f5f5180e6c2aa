import { isUtf8 } from 'node:buffer'
import { defineConnector } from '../../src/core/connector.ts'
import { linePartitions, readLines } from '../../src/files/lines/line-files.ts'
import type { Line } from '../../src/files/lines/lines.ts'
import { options } from './options.ts'
import { rowReader } from './row.ts'

/**
 * Reads JSON Lines (one JSON object per line) and files that are one JSON array of objects. Each
 * object becomes a document: its members are mapped to the columns of a document.
 */
export const jsonl = defineConnector({
  name: 'jsonl',
  version: 3,
  summary:
    'JSON Lines files and JSON arrays, plain or compressed, with configurable field names; ' +
    'chat rows keep their messages.',
  options,
  example: { input: 'fixtures/basic.jsonl' },
  create(options, context) {
    const document = rowReader(options)
    return {
      partitions: () => linePartitions(context, { ...options, arrays: true, grouped: true }),
      async *read(partition, from) {
        const lines = readLines(context, partition, from, { ...options, arrays: true })
        for await (const group of lines.groups) {
          for (const line of group) {
            const result = line.cut
              ? 'line-too-long'
              : isUtf8(line.bytes)
                ? document(line.bytes)
                : 'invalid-utf8'
            if (typeof result !== 'string') yield { cursor: line.cursor, document: result }
            else if (!isBlank(line)) yield lines.reject(line, result)
          }
        }
      },
    }
  },
})

/**
 * Whether a line that gave no document is blank. Empty lines, and the white space after the last
 * comma of an array, are not rows.
 */
function isBlank({ bytes }: Line): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a)
}
