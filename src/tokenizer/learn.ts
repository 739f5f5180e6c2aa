import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { EtlError } from '../core/errors.ts'
import { trainBpe } from './bpe-train.ts'
import { countWords } from './sample.ts'
import { readSentencePiece } from './sentencepiece.ts'
import {
  checkVocabulary,
  META_PIECES,
  newVocabulary,
  RESERVED,
  SPECIAL,
  type Vocabulary,
} from './vocabulary.ts'

/** Vocabulary size that the plan asks for; a small corpus gets fewer pieces. */
export const VOCABULARY = 64_000
const SMALLEST = 1024
/** About this much text is needed to learn a piece. */
const BYTES_PER_PIECE = 256
/** Share of the text covered by characters with a piece of their own; SentencePiece's default. */
const COVERAGE = 0.9995

/** Number of ids for a sample of this size: a multiple of 64, from 1,024 to 64,000. */
export function vocabularySize(sampleBytes: number): number {
  const pieces = Math.ceil(sampleBytes / BYTES_PER_PIECE / 64) * 64
  return Math.min(VOCABULARY, Math.max(SMALLEST, pieces))
}

/**
 * Learns a vocabulary from texts with the embedded trainer. It may have fewer ids than `size`.
 * Throws `tokenizer-unsupported` if `size` is too small for the characters of the texts.
 */
export function learnEmbedded(texts: readonly string[], size: number): Vocabulary {
  const { merged, characters } = trainBpe(countWords(texts), {
    pieces: size - META_PIECES,
    coverage: COVERAGE,
  })
  if (characters.length + META_PIECES > size) {
    const needed = characters.length + META_PIECES
    throw new EtlError('tokenizer-unsupported', {
      what:
        `${size} ids are too few: this text has ${characters.length} characters, ` +
        `which need ${needed}`,
      hint: 'Ask for a larger vocabulary.',
    })
  }
  return newVocabulary(merged, characters)
}

/**
 * Trains with SentencePiece in a Python that has it. Reads NUL-separated texts and writes the model
 * to standard output.
 */
const SCRIPT = `
import io, sys
import sentencepiece
size, control = int(sys.argv[1]), sys.argv[2].split(",")
texts = (text for text in sys.stdin.buffer.read().decode("utf-8").split("\\0") if text)
model = io.BytesIO()
sentencepiece.SentencePieceTrainer.train(
    sentence_iterator=texts, model_writer=model, vocab_size=size, model_type="bpe", byte_fallback=True,
    normalization_rule_name="identity", remove_extra_whitespaces=False, add_dummy_prefix=False, split_digits=True,
    allow_whitespace_only_pieces=True, character_coverage=${COVERAGE}, pad_id=0, unk_id=1, bos_id=2, eos_id=3,
    control_symbols=control, max_sentence_length=1 << 30, hard_vocab_limit=False, minloglevel=2)
sys.stdout.buffer.write(model.getvalue())
`

/**
 * Learns with SentencePiece itself. Resolves to `undefined` if this Python does not have it, and
 * rejects with `backend-failed` if training fails.
 */
export async function learnWithSentencePiece(
  python: string,
  texts: readonly string[],
  size: number,
): Promise<Vocabulary | undefined> {
  if (!(await hasSentencePiece(python))) return undefined
  const control = [
    ...SPECIAL.slice(4),
    ...Array.from({ length: RESERVED }, (_, index) => `<|reserved_${index}|>`),
  ]
  const child = spawn(python, ['-c', SCRIPT, String(size), control.join(',')], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const model: Buffer[] = []
  let complaint = ''
  child.stdout.on('data', (chunk: Buffer) => void model.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = (complaint + chunk.toString()).slice(-2000)
  })
  child.stdin.on('error', () => undefined)
  for (const text of texts) {
    if (!child.stdin.write(`${text.replaceAll('\0', ' ')}\0`))
      await Promise.race([once(child.stdin, 'drain'), once(child, 'close')])
  }
  child.stdin.end()
  const [code] = child.exitCode === null ? await once(child, 'close') : [child.exitCode]
  if (code !== 0) {
    const what = `SentencePiece stopped with ${code}: ${complaint.trim().split('\n').at(-1) ?? ''}`
    throw new EtlError('backend-failed', { where: python, what })
  }
  return checkVocabulary(readSentencePiece(Buffer.concat(model), python), python)
}

async function hasSentencePiece(python: string): Promise<boolean> {
  const child = spawn(python, ['-c', 'import sentencepiece'], { stdio: 'ignore' })
  return new Promise((resolve) => {
    child.once('error', () => resolve(false))
    child.once('close', (code) => resolve(code === 0))
  })
}
