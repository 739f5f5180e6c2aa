import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readHuggingFace, writeHuggingFace } from './huggingface.ts'
import { learnEmbedded, vocabularySize } from './learn.ts'
import { readSentencePiece, writeSentencePiece } from './sentencepiece.ts'
import { tokenizerOf } from './tokenizer.ts'
import { type Vocabulary, vocabularyHash } from './vocabulary.ts'

const fixture = (name: string): Buffer =>
  readFileSync(new URL(`./fixtures/${name}`, import.meta.url))

/** A model trained by SentencePiece 0.2.3 with our settings, and its ids for some texts. */
const reference = readSentencePiece(fixture('sentencepiece.model'), 'sentencepiece.model')
const golden = fixture('ids.jsonl')
  .toString('utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as { readonly text: string; readonly ids: number[] })

const ARABIC =
  'المجرة مجموعة هائلة من النجوم والغاز والغبار تجمعها الجاذبية، وفي كُلِّ مجرّةٍ ملياراتُ النجوم.'
const ENGLISH = 'A galaxy is a huge collection of stars, gas and dust held together by gravity.'

const learned = learnEmbedded(
  [`${ARABIC}\n`.repeat(20), `${ENGLISH}\n`.repeat(20), 'x = [1, 2]\n    y = x\n'.repeat(20)],
  600,
)

it('encodes Arabic, English, code and hard texts to the same ids as SentencePiece', () => {
  const tokenizer = tokenizerOf(reference)
  expect(golden.length).toBeGreaterThan(40)
  for (const { text, ids } of golden) expect([...tokenizer.encode(text)], text).toEqual(ids)
})

it('encodes to the same ids when words are cached', () => {
  const tokenizer = tokenizerOf(reference)
  for (let round = 0; round < 3; round++) {
    for (const { text, ids } of golden) expect([...tokenizer.encode(text)]).toEqual(ids)
  }
})

it.each([
  ['SentencePiece', reference],
  ['embedded', learned],
])(
  'restores every text exactly with the vocabulary of the %s trainer',
  (_, vocabulary: Vocabulary) => {
    const tokenizer = tokenizerOf(vocabulary)
    const same = (text: string): void => {
      expect(tokenizer.decode(tokenizer.encode(text))).toBe(text)
    }
    for (const text of [
      ARABIC,
      ENGLISH,
      'a\u2581b',
      '\u2581',
      '\ufeff',
      ...golden.map(({ text }) => text),
    ])
      same(text)
    fc.assert(fc.property(fc.string({ unit: 'binary' }), same), { numRuns: 500 })
  },
)

it('restores bytes that are not valid UTF-8', () => {
  const tokenizer = tokenizerOf(learned)
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const sink = { ids: new Uint32Array(16), length: 0 }
      tokenizer.encodeBytes(bytes, sink)
      expect(tokenizer.decodeBytes(sink.ids.subarray(0, sink.length))).toEqual(bytes)
    }),
  )
})

it('never encodes text to control ids, even if it spells them', () => {
  const ids = tokenizerOf(learned).encode(
    '<s></s><pad><|im_start|>system<|im_end|><|reserved_0|><0x41>',
  )
  for (const id of ids) expect(learned.pieces[id]?.type).not.toBe('control')
})

it('streams text without breaking characters that span several tokens', () => {
  const tokenizer = tokenizerOf(learned)
  const text = `${ARABIC} 😀 字`
  const stream = tokenizer.stream()
  const parts = [...tokenizer.encode(text)].map((id) => stream.push([id]))
  expect(parts.join('') + stream.end()).toBe(text)
  expect(parts.join('')).not.toContain('\ufffd')
})

it('learns pieces of one script, without digits, with white space only at the beginning', () => {
  for (const { text, type } of learned.pieces) {
    if (type !== 'normal' || text.length === 1) continue
    expect(text).toMatch(/^\u2581*[^\u2581]*$/u)
    expect(text).not.toMatch(/\p{Nd}/u)
    expect(text).not.toMatch(/[a-z].*\p{Script=Arabic}|\p{Script=Arabic}.*[a-z]/iu)
  }
  expect(learned.pieces.some(({ text }) => text === '\u2581\u2581\u2581\u2581')).toBe(true)
  expect(learned.pieces.some(({ text }) => /\p{Script=Arabic}\p{M}/u.test(text))).toBe(true)
})

it('needs at most one percent more tokens than SentencePiece’s own vocabulary', () => {
  const texts = golden.slice(0, 24).map(({ text }) => text)
  const own = learnEmbedded(texts, 1000)
  const again = learnEmbedded([...texts].reverse(), 1000)
  expect(vocabularyHash(again)).toBe(vocabularyHash(own))
  const tokens = (vocabulary: Vocabulary): number => {
    const tokenizer = tokenizerOf(vocabulary)
    return texts.reduce((sum, text) => sum + tokenizer.encode(text).length, 0)
  }
  // The reference has 1,600 ids, learned from a larger sample of the same text.
  const wide = learnEmbedded(texts, reference.pieces.length)
  expect(tokens(wide) / tokens(reference)).toBeLessThan(1.01)
})

it('reads back the vocabulary it writes, in both formats', () => {
  const model = readSentencePiece(writeSentencePiece(learned), 'a.model')
  expect(vocabularyHash(model)).toBe(vocabularyHash(learned))
  const json = tokenizerOf(readHuggingFace(writeHuggingFace(learned), 'tokenizer.json'))
  for (const { text } of golden)
    expect(json.encode(text)).toEqual(tokenizerOf(learned).encode(text))
})

it('rejects vocabularies that cannot restore text', () => {
  expect(() => readSentencePiece(fixture('ids.jsonl'), 'x.model')).toThrow(
    /x\.model: not a SentencePiece model/,
  )
  expect(() => readSentencePiece(writeSentencePiece(learned).subarray(0, 999), 'x.model')).toThrow(
    /x\.model/,
  )
  expect(() => readHuggingFace('{"model":{"type":"WordPiece"}}', 't.json')).toThrow(/t\.json/)
  expect(() => learnEmbedded([ARABIC], 330)).toThrow(/too few/)
})

it('chooses the vocabulary size by the size of the text, up to 64,000', () => {
  expect(vocabularySize(10)).toBe(1024)
  expect(vocabularySize(2 ** 21)).toBe(8192)
  expect(vocabularySize(2 ** 40)).toBe(64_000)
})
