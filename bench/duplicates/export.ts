// Writes the documents of the scale bench as NDJSON, or their signatures (112 words of 16 bits
// each), for other programs: node dist/bench/duplicates/export.js <documents> <file.jsonl |
// file.signatures>

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { minhash } from '../../filters/minhash/index.ts'
import { openSketches } from '../../filters/minhash/sketch.ts'
import { benchContext } from '../context.ts'
import { sketchDocuments } from './store.ts'
import { syntheticDocuments } from './synthetic.ts'

const [count = '100000', path = 'documents.jsonl'] = process.argv.slice(2)
const documents = syntheticDocuments(Number(count))
const file = createWriteStream(path)
for await (const part of path.endsWith('.signatures') ? signatures() : lines()) {
  if (!file.write(part)) await once(file, 'drain')
}
file.end()
await once(file, 'finish')

function* lines(): Iterable<string> {
  const decoder = new TextDecoder()
  for (let row = 0; row < documents.rows; row++) {
    yield `${JSON.stringify({ id: documents.id(row), text: decoder.decode(documents.text(row)) })}\n`
  }
}

async function* signatures(): AsyncIterable<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'signatures-'))
  try {
    const options = minhash.options.parse({})
    const filter = await minhash.create(options, benchContext(folder))
    const store = await sketchDocuments(filter, documents, folder, {
      memoryBytes: 2 ** 31,
      workers: 1,
    })
    for await (const block of store.scan()) {
      const sketches = openSketches(block.sketches, options.hashes)
      for (let row = 0; row < block.rows; row++) {
        const lanes = sketches.lanes(row)
        yield new Uint8Array(lanes.buffer, lanes.byteOffset, lanes.byteLength).slice()
      }
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}
