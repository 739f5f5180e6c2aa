// Writes the documents of the scale bench as NDJSON, for programs that read nothing else:
//   node dist/bench/duplicates/export.js <documents> <file>

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { syntheticDocuments } from './synthetic.ts'

const [count = '100000', path = 'documents.jsonl'] = process.argv.slice(2)
const documents = syntheticDocuments(Number(count))
const decoder = new TextDecoder()
const file = createWriteStream(path)
for (let row = 0; row < documents.rows; row++) {
  const line = JSON.stringify({ id: documents.id(row), text: decoder.decode(documents.text(row)) })
  if (!file.write(`${line}\n`)) await once(file, 'drain')
}
file.end()
await once(file, 'finish')
