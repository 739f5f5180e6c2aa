import type { TokenGroup, TokenManifest } from '../core/tokens.ts'
import { classOf } from './sample.ts'

/**
 * How many tokens a class of text takes. Fewer is better, and the classes should be close together.
 */
export interface FertilityRow {
  readonly text: string
  readonly documents: number
  readonly words: number
  readonly bytes: number
  readonly tokens: number
  /** Tokens per white-space separated word, without the ids that open and close a document. */
  readonly tokensPerWord: number
  readonly bytesPerToken: number
}

/**
 * Computes the table over all splits. Rows are in the order ar, en, code, other; empty ones are
 * omitted.
 */
export function fertilityOf({
  groups,
  tokenizer,
}: Pick<TokenManifest, 'groups' | 'tokenizer'>): FertilityRow[] {
  const signs = tokenizer.bos === null ? 1 : 2
  return ['ar', 'en', 'code', 'other'].flatMap((text) => {
    const own = groups.filter(({ kind, lang }) => classOf(kind, lang) === text)
    const sum = (value: (group: TokenGroup) => number): number =>
      own.reduce((all, group) => all + value(group), 0)
    const documents = sum((group) => group.documents)
    if (documents === 0) return []
    const words = sum((group) => group.words)
    const bytes = sum((group) => group.textBytes)
    const tokens = sum((group) => group.tokens) - signs * documents
    const round = (value: number): number => Math.round(value * 1000) / 1000
    return [
      {
        text,
        documents,
        words,
        bytes,
        tokens,
        tokensPerWord: round(tokens / words),
        bytesPerToken: round(bytes / tokens),
      },
    ]
  })
}
