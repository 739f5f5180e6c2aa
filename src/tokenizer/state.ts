import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { readTokenManifest } from '../arrow/token-file.ts'
import { canonicalJson } from '../core/canonical-json.ts'
import type { ShardInfo } from '../core/report.ts'
import type { Storage } from '../core/storage.ts'
import { readCorpus } from '../engine/corpus/browse.ts'

/** Hash of the shards of a corpus: token shards of other ones are not of this corpus. */
export function contentHash(shards: readonly ShardInfo[]): string {
  const files = shards.map(({ path, sha256 }) => ({ path, sha256 }))
  return createHash('sha256').update(canonicalJson(files)).digest('hex')
}

/** The token shards of a corpus, before they are used. */
export interface TokensState {
  /** Whether they were made of the corpus as it is now. */
  readonly isCurrent: boolean
  /** Theirs; undefined if there are none. */
  readonly fingerprint: string | undefined
}

/**
 * Whether the token shards of this name are those of the corpus. A folder without a corpus, to
 * which only token shards were copied, has nothing to differ from.
 */
export async function tokensState(
  storage: Storage,
  corpus: string,
  name: string,
): Promise<TokensState> {
  const folder = join(corpus, 'tokens', name)
  if (!(await storage.stat(join(folder, 'manifest.json'))))
    return { isCurrent: false, fingerprint: undefined }
  const { content, corpus: made, fingerprint } = await readTokenManifest(storage, folder)
  if (!(await storage.stat(join(corpus, 'corpus.json')))) return { isCurrent: true, fingerprint }
  const info = await readCorpus(storage, corpus)
  // The first release kept the fingerprint of the corpus only, which does not see its inputs.
  const isCurrent =
    content === undefined ? made === info.fingerprint : content === contentHash(info.shards)
  return { isCurrent, fingerprint }
}
