import { z } from 'zod'
import { EtlError } from '../core/errors.ts'
import { SPACE } from './bpe-train.ts'
import { characterCuts, type Piece, type Vocabulary } from './vocabulary.ts'

/**
 * Returns the content of a `tokenizer.json` that encodes to the same ids and puts `<s>` before a
 * text, as Llama models expect.
 */
export function writeHuggingFace(vocabulary: Vocabulary): string {
  const { pieces, bos } = vocabulary
  const special = pieces.flatMap(({ text, type }, id) =>
    type === 'control' || type === 'unknown' || type === 'whole'
      ? [{ id, content: text, ...ADDED, special: type !== 'whole' }]
      : [],
  )
  const replace = { type: 'Replace', pattern: { String: ' ' }, content: SPACE }
  const prepend = { type: 'Prepend', prepend: SPACE }
  const back = { type: 'Replace', pattern: { String: SPACE }, content: ' ' }
  const strip = { type: 'Strip', content: ' ', start: 1, stop: 0 }
  const start = bos === null ? undefined : { name: pieces[bos]?.text ?? '', id: bos }
  return `${JSON.stringify(
    {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: special,
      normalizer: vocabulary.spacePrefix
        ? { type: 'Sequence', normalizers: [prepend, replace] }
        : replace,
      pre_tokenizer: null,
      post_processor: start && {
        type: 'TemplateProcessing',
        single: [
          { SpecialToken: { id: start.name, type_id: 0 } },
          { Sequence: { id: 'A', type_id: 0 } },
        ],
        pair: [
          { SpecialToken: { id: start.name, type_id: 0 } },
          { Sequence: { id: 'A', type_id: 0 } },
          { SpecialToken: { id: start.name, type_id: 1 } },
          { Sequence: { id: 'B', type_id: 1 } },
        ],
        special_tokens: { [start.name]: { id: start.name, ids: [start.id], tokens: [start.name] } },
      },
      decoder: {
        type: 'Sequence',
        decoders: [
          back,
          { type: 'ByteFallback' },
          { type: 'Fuse' },
          ...(vocabulary.spacePrefix ? [strip] : []),
        ],
      },
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: pieces[vocabulary.unknown]?.text,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: true,
        byte_fallback: true,
        ignore_merges: false,
        vocab: Object.fromEntries(pieces.map(({ text }, id) => [text, id])),
        merges: vocabulary.merges ?? mergesOf(pieces),
      },
    },
    null,
    1,
  )}\n`
}

const ADDED = { single_word: false, lstrip: false, rstrip: false, normalized: false }

/** Every split of a piece into two other pieces, in the order in which the pieces are merged. */
function mergesOf(pieces: readonly Piece[]): [string, string][] {
  const normal = pieces.filter(({ type }) => type === 'normal')
  const known = new Set(normal.map(({ text }) => text))
  return normal
    .sort((a, b) => b.score - a.score)
    .flatMap(({ text }) =>
      characterCuts(text)
        .map((cut): [string, string] => [text.slice(0, cut), text.slice(cut)])
        .filter(([left, right]) => known.has(left) && known.has(right)),
    )
}

const replaceSpace = z.object({
  type: z.literal('Replace'),
  pattern: z.object({ String: z.literal(' ') }),
  content: z.literal(SPACE),
})
const prependSpace = z.object({ type: z.literal('Prepend'), prepend: z.literal(SPACE) })
const fileSchema = z.object({
  added_tokens: z.array(z.object({ id: z.int(), content: z.string(), special: z.boolean() })),
  normalizer: z.union([
    replaceSpace,
    z.object({ type: z.literal('Sequence'), normalizers: z.tuple([prependSpace, replaceSpace]) }),
    z.null(),
  ]),
  pre_tokenizer: z
    .object({
      type: z.literal('Metaspace'),
      replacement: z.literal(SPACE),
      prepend_scheme: z.enum(['first', 'always', 'never']),
      split: z.literal(false),
    })
    .nullable(),
  model: z.object({
    type: z.literal('BPE'),
    byte_fallback: z.literal(true),
    unk_token: z.string(),
    vocab: z.record(z.string(), z.int()),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])),
  }),
})

const START = ['<s>', '<bos>', '<|begin_of_text|>']
const END = ['</s>', '<eos>', '<|end_of_text|>', '<|endoftext|>']
const PAD = ['<pad>', '[PAD]', '<|pad|>']

/**
 * Reads a `tokenizer.json` of the SentencePiece kind: BPE with byte fallback whose only change to
 * the text is to write spaces as U+2581. Byte-level tokenizers (GPT-2, Llama 3) pre-split by
 * patterns of their own and are rejected with `tokenizer-unsupported`, like damaged files.
 */
export function readHuggingFace(content: string, where: string): Vocabulary {
  const unsupported = (what: string, cause?: unknown) =>
    new EtlError('tokenizer-unsupported', { where, what, cause })
  let json: unknown
  try {
    json = JSON.parse(content)
  } catch (cause) {
    throw unsupported('not JSON', cause)
  }
  const parsed = fileSchema.safeParse(json)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw unsupported(
      `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unknown form'}`,
      parsed.error,
    )
  }
  const { model, added_tokens, normalizer, pre_tokenizer } = parsed.data
  if (normalizer === null && pre_tokenizer === null)
    throw unsupported('it does not say how spaces are written')
  const added = new Map(added_tokens.map(({ id, special }) => [id, special]))
  const entries = [
    ...Object.entries(model.vocab),
    ...added_tokens
      .filter(({ content }) => model.vocab[content] === undefined)
      .map((one) => [one.content, one.id]),
  ] as [string, number][]
  const pieces: Piece[] = entries
    .sort(([, a], [, b]) => a - b)
    .map(([text, id]) => {
      const special = added.get(id)
      if (text === model.unk_token) return { text, type: 'unknown', score: 0 }
      if (special !== undefined) return { text, type: special ? 'control' : 'whole', score: 0 }
      return { text, type: /^<0x[0-9A-F]{2}>$/.test(text) ? 'byte' : 'normal', score: -id }
    })
  if (entries.some(([, id], index) => id !== index))
    throw unsupported('its ids have gaps or repeat')
  const find = (names: readonly string[]): number | null => {
    const id = pieces.findIndex(({ text, type }) => type === 'control' && names.includes(text))
    return id < 0 ? null : id
  }
  const eos = find(END)
  if (eos === null) throw unsupported(`none of ${END.join(' ')} is among its special tokens`)
  const spacePrefix =
    normalizer?.type === 'Sequence' ||
    (pre_tokenizer !== null && pre_tokenizer.prepend_scheme !== 'never')
  const merges = model.merges.map((merge): readonly [string, string] => {
    if (typeof merge !== 'string') return merge
    const [left = '', right = ''] = merge.split(' ')
    return [left, right]
  })
  const unknown = pieces.findIndex(({ type }) => type === 'unknown')
  if (unknown < 0)
    throw unsupported(`its unknown token ${model.unk_token} is not in the vocabulary`)
  return { pieces, unknown, eos, bos: find(START), pad: find(PAD), spacePrefix, merges }
}
