// The vocabulary that all contestants encode with, in the two forms they read.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeHuggingFace } from '../../src/tokenizer/huggingface.ts'
import { learnEmbedded } from '../../src/tokenizer/learn.ts'
import { writeSentencePiece } from '../../src/tokenizer/sentencepiece.ts'
import type { BenchTexts } from '../texts.ts'

const PIECES = 32_000

/**
 * Learns the vocabulary from the texts of both languages. Returns the folder of `tokenizer.model`
 * and `tokenizer.json`.
 */
export function buildVocabulary(texts: readonly BenchTexts[], cache: string): string {
  const folder = join(cache, 'vocabulary')
  const documents = texts.flatMap(({ path }) => readFileSync(path, 'utf8').trimEnd().split('\n'))
  const vocabulary = learnEmbedded(
    documents.map((line) => (JSON.parse(line) as { text: string }).text),
    PIECES,
  )
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'tokenizer.model'), writeSentencePiece(vocabulary))
  writeFileSync(join(folder, 'tokenizer.json'), writeHuggingFace(vocabulary))
  return folder
}
