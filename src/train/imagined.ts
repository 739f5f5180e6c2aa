import type { TokenManifest } from '../core/tokens.ts'

/** Token shards of a vocabulary that do not exist: more tokens than any run takes. */
export function imaginedTokens(vocab: number): TokenManifest {
  const tokens = 1e12
  const group = {
    group: 'random/prose/und',
    source: 'random',
    kind: 'prose',
    lang: '',
    split: 'train',
  } as const
  return {
    format: 'cosmos-tokens',
    version: 1,
    fingerprint: '0'.repeat(64),
    corpus: 'random',
    dtype: 'uint16',
    tokenizer: { path: '.', sha256: '0'.repeat(64), vocab, pad: 0, bos: 2, eos: 3 },
    groups: [{ ...group, documents: 1, tokens, textBytes: tokens, words: tokens }],
    shards: [],
  }
}
