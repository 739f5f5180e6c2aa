import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { type ArrowBlock, type ArrowFileOptions, arrowFrame } from '../../arrow/writer.ts'
import { growingMemory, withRoom } from '../../core/growing-memory.ts'
import { commitAll, type Storage } from '../../core/storage.ts'
import type { Plan } from '../plan/plan.ts'
import type { ShardPlan } from './shard-plan.ts'
import { shardLayout } from './shard-writer.ts'
import type { FileFacts, PathFacts, WrittenFile } from './tasks.ts'

/** A shard being joined from the files of its stretches. */
export interface JoinedShard {
  /** Appends the files of the next stretch and removes them. */
  append(folder: string, files: readonly WrittenFile[]): Promise<void>
  commit(): Promise<PathFacts[]>
  abort(): Promise<void>
}

/**
 * Starts joining a shard into files below `folder`. The bytes are those that one task for the whole
 * shard would write.
 */
export async function joinedShard(
  plan: Plan,
  folder: string,
  { path, split }: ShardPlan,
): Promise<JoinedShard> {
  const { documents, rows, sketches } = shardLayout(plan, path, split)
  const files: { path: string; file: JoinedFile }[] = []
  for (const layout of [documents, rows, ...sketches]) {
    const arrow = 'arrow' in layout ? layout.arrow : undefined
    files.push({
      path: layout.path,
      file: await joinedFile(plan.storage, join(folder, layout.path), arrow),
    })
  }
  return {
    async append(partFolder, parts) {
      for (const [index, part] of parts.entries()) {
        const path = join(partFolder, part.path)
        await files[index]?.file.append(path, part)
        await plan.storage.remove(path)
      }
    },
    async commit() {
      const facts = await commitAll(files.map(({ file }) => file))
      return facts.map((fact, index) => ({ path: files[index]?.path ?? '', ...fact }))
    },
    async abort() {
      for (const { file } of files) await file.abort()
    },
  }
}

interface JoinedFile {
  append(path: string, part: WrittenFile): Promise<void>
  commit(): Promise<FileFacts>
  abort(): Promise<void>
}

/** Bytes copied at a time. */
const COPY_BYTES = 1 << 20

/** An Arrow file or, without `arrow`, a raw file that is joined from others. */
async function joinedFile(
  storage: Storage,
  path: string,
  arrow: ArrowFileOptions | undefined,
): Promise<JoinedFile> {
  const file = await storage.create(path)
  const hash = createHash('sha256')
  const blocks: ArrowBlock[] = []
  const memory = growingMemory()
  let [rows, bytes] = [0, 0]
  const write = async (chunk: Uint8Array): Promise<void> => {
    const written = file.write(chunk)
    hash.update(chunk)
    bytes += chunk.length
    await written
  }
  const copy = async (from: string): Promise<void> => {
    const handle = await storage.open(from)
    try {
      const room = withRoom(memory, Math.min(handle.size, COPY_BYTES))
      for (let start = 0; start < handle.size; start += COPY_BYTES) {
        await write(await handle.read(start, COPY_BYTES, room))
      }
    } finally {
      await handle.close()
    }
  }
  if (arrow) await write(arrowFrame(arrow, []).head)
  return {
    async append(from, part) {
      const start = bytes
      await copy(from)
      if (bytes - start !== part.bytes)
        throw new Error(`${from} has ${bytes - start} bytes instead of ${part.bytes}`)
      rows += part.rows
      blocks.push(...part.blocks)
    },
    async commit() {
      if (arrow) await write(arrowFrame(arrow, blocks).foot)
      await file.commit()
      return { rows, bytes, sha256: hash.digest('hex') }
    },
    abort: () => file.abort(),
  }
}
