// A process of the scale bench: writes one part of the documents, reports its CPU seconds, and
// ends.
import { minhash } from '../../filters/minhash/index.ts'
import { benchContext } from '../context.ts'
import { writeDocuments } from './store.ts'
import { syntheticDocuments } from './synthetic.ts'

const [folder = '', rows, part, parts] = process.argv.slice(2)
const filter = await minhash.create(minhash.options.parse({}), benchContext(folder))
const documents = syntheticDocuments(Number(rows))
await writeDocuments(filter, documents, folder, { part: Number(part), parts: Number(parts) })
const { user, system } = process.cpuUsage()
process.send?.((user + system) / 1e6)
process.disconnect?.()
