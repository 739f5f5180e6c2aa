import { z } from 'zod'
import { defineConnector } from '../../src/core/connector.ts'
import { EtlError } from '../../src/core/errors.ts'
import { findInputs } from '../../src/files/inputs.ts'
import { isParquet } from '../../src/files/parquet/parquet.ts'
import { parquetPartitions, parquetRows } from '../../src/files/parquet/parquet-files.ts'
import { rowMapping } from '../../src/text/rows/mapping.ts'
import { rowOptions } from '../../src/text/rows/options.ts'
import { cellFields } from './cells.ts'

const options = z.strictObject({
  input: z
    .string()
    .min(1)
    .describe('Parquet file, folder or glob; other files in a folder are ignored'),
  ...rowOptions.shape,
})

/** Reads Parquet files, one document per row. Columns are mapped to the columns of a document. */
export const parquet = defineConnector({
  name: 'parquet',
  version: 2,
  summary: 'Parquet files of any codec, with configurable columns; chat rows keep their messages.',
  options,
  example: { input: 'fixtures/basic.parquet' },
  create(options, context) {
    const { names, texts, documentOf } = rowMapping(options)
    return {
      async *partitions() {
        const files = await findInputs(context, options.input)
        const found = []
        for (const file of files) if (await isParquet(context.storage, file.path)) found.push(file)
        if (found.length === 0) {
          const example = files[0]?.label
          const what = `none of the ${files.length} files found is Parquet (first: ${example})`
          throw new EtlError('input-missing', { where: options.input, what })
        }
        yield* parquetPartitions(context, found)
      },
      async *read(partition, from) {
        for await (const { cursor, where, values } of parquetRows(
          context,
          partition,
          from,
          names,
          texts,
        )) {
          const result = documentOf(cellFields(values))
          if (typeof result === 'string') yield { cursor, skipped: result, where }
          else yield { cursor, document: result }
        }
      },
    }
  },
})
