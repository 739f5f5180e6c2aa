import type { SliceResult } from '../../src/core/train-events.ts'
import type { EvalSlice, TrainJob } from '../../src/core/train-job.ts'
import type { SortedCounts } from '../../src/ngram/counts.ts'
import { type NgramModel, ngramModel } from '../../src/ngram/model.ts'
import type { JobData } from './documents.ts'

/** Builds the model from the counts of a job. */
export const modelOf = ({ data }: TrainJob, counts: readonly SortedCounts[]): NgramModel =>
  ngramModel(counts, data.tokenizer.vocab, data.tokenizer.bos ?? data.tokenizer.eos)

/**
 * Scores each slice on whole documents until it has its tokens. Slices without documents are
 * missing from the result. Losses are in nats per token.
 */
export async function score(
  model: NgramModel,
  data: JobData,
  slices: readonly EvalSlice[],
): Promise<SliceResult[]> {
  const results: SliceResult[] = []
  for (const { name, split, groups, tokens: wanted } of slices) {
    let nats = 0
    let tokens = 0
    let bytes = 0
    for await (const { ids, start, end, textBytes } of data.documents(split, groups)) {
      if (tokens >= wanted) break
      for (let at = start + 1; at < end; at++) nats -= model.logProbability(ids, start, at)
      tokens += end - start - 1
      bytes += textBytes
    }
    if (tokens === 0) continue
    const loss = nats / tokens
    results.push({
      slice: name,
      tokens,
      loss,
      perplexity: Math.exp(loss),
      bitsPerByte: nats / Math.LN2 / bytes,
    })
  }
  return results
}
