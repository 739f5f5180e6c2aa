import { z } from 'zod'
import { MAX_LINE_BYTES, PARTITION_BYTES } from '../../src/files/lines/line-files.ts'
import { rowOptions } from '../../src/text/rows/options.ts'

/** Options of the jsonl connector. */
export const options = z.strictObject({
  input: z
    .string()
    .min(1)
    .describe(
      'File, folder or glob: JSON Lines or JSON arrays, plain or compressed ' +
        '(gzip, zstd, bzip2, xz)',
    ),
  ...rowOptions.shape,
  maxLineBytes: z
    .int()
    .min(1)
    .default(MAX_LINE_BYTES)
    .describe('Longest line in bytes; longer ones are skipped'),
  partitionBytes: z
    .int()
    .min(1)
    .default(PARTITION_BYTES)
    .describe(
      'Bytes per partition: uncompressed files are split so that several workers read them',
    ),
})
