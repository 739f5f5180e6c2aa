// A contestant: reads one input whole each time it is asked. Usage: pass.js CONNECTOR OPTIONS, or
// pass.js bare FORMAT PATH.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectors } from '../../connectors/index.ts'
import type { Connector, SourceRecord } from '../../src/core/connector.ts'
import { benchContext } from '../context.ts'
import { servePasses } from '../pass.ts'
import { BARE } from './bare.ts'

/** Result of a connector for an input: documents, and skipped items by reason. */
export type Outcome = Record<string, number>

async function readSource(name: string, options: unknown): Promise<Outcome> {
  const component = await connectors[name]!()
  const cache = mkdtempSync(join(tmpdir(), 'bench-'))
  const connector = await component.create(component.options.parse(options), {
    ...benchContext('/'),
    cache,
  })
  try {
    return await readAll(connector)
  } finally {
    rmSync(cache, { recursive: true })
  }
}

/** Reads all partitions on this core; threads are assembled in memory. */
async function readAll({ partitions, read, grouping }: Connector): Promise<Outcome> {
  const outcome: Outcome = { documents: 0 }
  const count = (key: string): void => {
    outcome[key] = (outcome[key] ?? 0) + 1
  }
  const threads = new Map<string, SourceRecord[]>()
  for await (const partition of partitions()) {
    for await (const item of read(partition)) {
      if ('document' in item) count('documents')
      else if ('skipped' in item) count(item.skipped)
      else if ('record' in item && grouping) {
        const key = grouping.key(item.record)
        const records = threads.get(key)
        if (records) records.push(item.record)
        else threads.set(key, [item.record])
      }
    }
  }
  for (const records of threads.values()) {
    for (const result of grouping?.assemble(records) ?? [])
      count('document' in result ? 'documents' : result.skipped)
  }
  return outcome
}

const [name = '', argument = '', path = ''] = process.argv.slice(2)
const pass = async (): Promise<Outcome> =>
  name === 'bare'
    ? { pieces: await BARE[argument as keyof typeof BARE](benchContext('/'), path) }
    : readSource(name, JSON.parse(argument))
await servePasses(pass, undefined, cpuSeconds)

/**
 * CPU time of this process and of the programs it started that have ended (if the system provides
 * it, in ticks of 10 ms).
 */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  const own = (user + system) / 1e6
  if (!existsSync('/proc/self/stat')) return own
  const stat = readFileSync('/proc/self/stat', 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  // The state is the first of these and field 3 of proc(5); the times of ended children are fields
  // 16 and 17.
  return own + (Number(fields[13]) + Number(fields[14])) / 100
}
