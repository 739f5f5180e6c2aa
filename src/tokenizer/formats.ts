import { join } from 'node:path'
import { readTokenShards } from '../arrow/token-file.ts'
import { EtlError } from '../core/errors.ts'
import { SPLITS } from '../core/report.ts'
import type { Storage, WriteHandle } from '../core/storage.ts'
import type { TokenManifest, TokenShard } from '../core/tokens.ts'

/** File formats of other trainers to which token shards can be converted. */
export const TOKEN_FORMATS = ['megatron', 'llmc'] as const
/** One of `TOKEN_FORMATS`. */
export type TokenFormat = (typeof TOKEN_FORMATS)[number]

/** Writes every split as `<folder>/<format>/<split>.*`. Returns the written paths. */
export async function writeTokenFormat(
  storage: Storage,
  folder: string,
  manifest: TokenManifest,
  format: TokenFormat,
): Promise<string[]> {
  const write = format === 'megatron' ? writeMegatron : writeLlmc
  const paths: string[] = []
  for (const split of SPLITS) {
    const shards = manifest.shards.filter((shard) => shard.split === split)
    if (shards.length > 0)
      paths.push(...(await write(storage, folder, join(folder, format, split), shards, manifest)))
  }
  return paths
}

/** Type codes in Megatron-LM's indexed data sets, which follow numpy's types. */
const MEGATRON_CODE = { uint16: 8, uint32: 4 } as const

/**
 * Megatron-LM's indexed data set. `.bin` holds all ids. `.idx` holds a header, the length of every
 * document in ids (int32), its start in bytes (int64), and the numbers of the documents (int64),
 * one more than there are documents. Megatron has no uint32, so ids of wide shards are declared as
 * int32, which has the same bytes for them.
 */
async function writeMegatron(
  storage: Storage,
  folder: string,
  base: string,
  shards: readonly TokenShard[],
  { dtype }: TokenManifest,
): Promise<string[]> {
  const width = dtype === 'uint16' ? 2 : 4
  const documents = shards.reduce((sum, shard) => sum + shard.documents, 0)
  const lengths = new Int32Array(documents)
  await writeFile(storage, `${base}.bin`, async (file) => {
    let row = 0
    for await (const { ids, offsets, documents: rows } of readTokenShards(
      storage,
      folder,
      shards,
    )) {
      for (let index = 0; index < rows; index++)
        lengths[row++] = Number((offsets[index + 1] ?? 0n) - (offsets[index] ?? 0n))
      await file.write(bytesOf(ids))
    }
  })
  const starts = new BigInt64Array(documents)
  const numbers = new BigInt64Array(documents + 1)
  let position = 0
  for (const [row, length] of lengths.entries()) {
    starts[row] = BigInt(position)
    numbers[row + 1] = BigInt(row + 1)
    position += length * width
  }
  const header = new DataView(new ArrayBuffer(34))
  new Uint8Array(header.buffer).set(new TextEncoder().encode('MMIDIDX\0\0'))
  header.setBigUint64(9, 1n, true)
  header.setUint8(17, MEGATRON_CODE[dtype])
  header.setBigUint64(18, BigInt(documents), true)
  header.setBigUint64(26, BigInt(documents + 1), true)
  await writeFile(storage, `${base}.idx`, async (file) => {
    for (const part of [
      new Uint8Array(header.buffer),
      bytesOf(lengths),
      bytesOf(starts),
      bytesOf(numbers),
    ]) {
      await file.write(part)
    }
  })
  return [`${base}.bin`, `${base}.idx`]
}

const LLMC_MAGIC = 20240520
const LLMC_HEADER_BYTES = 1024
/** llm.c counts tokens in 32 bits, and its own tools split files at this many. */
const LLMC_TOKENS = 100_000_000

/**
 * llm.c's `.bin`: 256 header numbers (magic, version 1, tokens) and the ids as uint16, split into
 * several files if there are many.
 */
async function writeLlmc(
  storage: Storage,
  folder: string,
  base: string,
  shards: readonly TokenShard[],
  { dtype }: TokenManifest,
): Promise<string[]> {
  if (dtype !== 'uint16') {
    throw new EtlError('tokenizer-unsupported', {
      where: folder,
      what: 'llm.c takes at most 65,536 ids',
      hint: 'Use --format megatron.',
    })
  }
  const paths: string[] = []
  let pending: Uint16Array[] = []
  let tokens = 0
  const flush = async (): Promise<void> => {
    if (tokens === 0) return
    const path = `${base}_${String(paths.length).padStart(6, '0')}.bin`
    const header = new Int32Array(LLMC_HEADER_BYTES / 4)
    header.set([LLMC_MAGIC, 1, tokens])
    await writeFile(storage, path, async (file) => {
      for (const part of [header, ...pending]) await file.write(bytesOf(part))
    })
    paths.push(path)
    pending = []
    tokens = 0
  }
  for await (const { ids } of readTokenShards(storage, folder, shards)) {
    pending.push(ids as Uint16Array)
    tokens += ids.length
    if (tokens >= LLMC_TOKENS) await flush()
  }
  await flush()
  return paths
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength)

async function writeFile(
  storage: Storage,
  path: string,
  fill: (file: WriteHandle) => Promise<void>,
): Promise<void> {
  const file = await storage.create(path)
  try {
    await fill(file)
    await file.commit()
  } finally {
    await file.abort()
  }
}
