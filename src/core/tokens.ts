import { z } from 'zod'
import { SPLITS } from './report.ts'

const sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const count = z.int().min(0)

/**
 * One file of token ids in Arrow IPC file format, uncompressed, so that a reader can map it into
 * memory and sees one flat array of ids per record batch. Columns: `tokens: LargeList<uint16>`
 * (uint32 above 65,536 ids), `doc_id, source, lang: utf8`, `bytes: uint32` (UTF-8 bytes of the
 * text). A document is `<s>`, the ids of its text, `</s>`; a mark that the tokenizer lacks is
 * omitted.
 */
export const tokenShardSchema = z.strictObject({
  /** Relative to the manifest's folder. */
  path: z.string(),
  split: z.enum(SPLITS),
  /**
   * `<source>/<kind>/<lang>`, with `und` for an unknown language. All documents of a shard share
   * it.
   */
  group: z.string(),
  documents: count,
  tokens: count,
  /** UTF-8 bytes of the texts; `words` counts white-space separated words. */
  textBytes: count,
  words: count,
  /** Size of the file. */
  bytes: count,
  sha256,
  /**
   * A hash for each record batch, see `batchHash`, so that a reader can check what it touches.
   * Shards of the first release have none.
   */
  batches: z.array(sha256).optional(),
})
/** One entry of `shards` in a token manifest. */
export type TokenShard = z.output<typeof tokenShardSchema>

/** Counts for one group in one split. */
export const tokenGroupSchema = z.strictObject({
  group: z.string(),
  source: z.string(),
  kind: z.enum(['prose', 'code', 'mixed']),
  lang: z.string(),
  split: z.enum(SPLITS),
  documents: count,
  tokens: count,
  textBytes: count,
  words: count,
})
/** One entry of `groups` in a token manifest. */
export type TokenGroup = z.output<typeof tokenGroupSchema>

/**
 * `tokens/<tokenizer>/manifest.json`. Shards are listed in the order in which their tokens are
 * concatenated.
 */
export const tokenManifestSchema = z.strictObject({
  format: z.literal('cosmos-tokens'),
  version: z.literal(1),
  /**
   * SHA-256 of the canonical JSON of tokenizer hash and shards without `batches`. A training job is
   * tied to it.
   */
  fingerprint: sha256,
  /** Fingerprint of the corpus that was tokenized. */
  corpus: z.string(),
  /** Hash of the corpus' shards when they were tokenized; absent in the first release. */
  content: sha256.optional(),
  dtype: z.enum(['uint16', 'uint32']),
  tokenizer: z.strictObject({
    /** Folder with tokenizer.model and tokenizer.json, relative to the folder of this manifest. */
    path: z.string(),
    sha256,
    vocab: z.int().min(1),
    pad: z.int().nullable(),
    bos: z.int().nullable(),
    eos: z.int(),
  }),
  groups: z.array(tokenGroupSchema),
  shards: z.array(tokenShardSchema),
})
/**
 * What a folder below `tokens/` may be called: letters and digits of any script, then also `.`, `_`
 * and `-`. Nothing that leads out of it.
 */
export const TOKENS_NAME = /^[\p{L}\p{N}][\p{L}\p{N}\p{M}._-]*$/u

/** A parsed token manifest. */
export type TokenManifest = z.output<typeof tokenManifestSchema>
