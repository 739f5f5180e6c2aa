import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { kernelMemory } from '../memory/module.ts'
import { hardBytes, realTexts } from '../testing/texts.ts'
import { statisticsCounter } from './kernel.ts'
import { COUNT, type Counts, countStatistics } from './reference.ts'
import { ngramLengths } from './repetition.ts'

const STOP_WORDS = new Set(['the', 'of', 'في', 'وفي', 'علي', 'οδοσ', 'été'])
const count = statisticsCounter(STOP_WORDS)
const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

function countWithKernel(text: Uint8Array): number[] | undefined {
  const memory = kernelMemory()
  return memory.scope(() => {
    // What comes before and after a text belongs to its neighbours.
    const start = memory.lend(Buffer.concat([Buffer.from('x.'), text, Buffer.from('\u0640..')])) + 2
    const counts = count(start, start + text.length)
    return counts && Array.from(counts)
  })
}

const isUtf8 = (text: Uint8Array): boolean =>
  Buffer.compare(encoder.encode(decoder.decode(text)), text) === 0

/** The kernel counts what the reference counts, and rejects what is not UTF-8. */
const expectTwins = (bytes: Uint8Array): void => {
  if (!isUtf8(bytes)) expect(countWithKernel(bytes)).toBeUndefined()
  const text = decoder.decode(bytes)
  expect(countWithKernel(encoder.encode(text))).toEqual(countStatistics(text, STOP_WORDS))
}

/** The counts of `names`, after checking that the kernel agrees with the reference. */
function counted(
  text: string,
  ...names: (keyof typeof COUNT)[]
): Partial<Record<keyof typeof COUNT, number>> {
  const counts: Counts = countStatistics(text, STOP_WORDS)
  expect(countWithKernel(encoder.encode(text))).toEqual(counts)
  return Object.fromEntries(names.map((name) => [name, counts[COUNT[name]]]))
}

describe('the statistics of a text', () => {
  it('count words and lines between white space of any script', () => {
    expect(
      counted(' a\u00a0b\u3000\n\u2003\n c\td \r\n\ufeff', 'tokens', 'lines', 'lineUnits'),
    ).toEqual({
      tokens: 4,
      lines: 2,
      lineUnits: 6,
    })
  })

  it.each([
    ['a word without the signs around it', '«Hello,» (x)', 2, 6],
    ['signs inside a word', 'don’t 3.14 http://x.org/', 3, 5 + 4 + 12],
    ['signs alone as no word', '— … !? 😀', 0, 0],
    ['Arabic without its marks and tatweel', 'كَتَبَ، «كــتب»', 2, 6],
    ['a letter that folds to two as two', 'İ İx', 2, 1 + 3],
    ['letters outside the first plane as one', '𞤀𞤣 𝐚a', 2, 4],
  ])('measure %s', (_, text, words, wordCharacters) => {
    expect(counted(text, 'words', 'wordCharacters')).toEqual({ words, wordCharacters })
  })

  it('find stop words in any case and spelling', () => {
    expect(counted('The OF, «فِي» وفي عَلَى ὉΔΌΣ ΟΔΟΣ Été theme', 'stopWords')).toEqual({
      stopWords: 7,
    })
  })

  it('count symbols: three full stops are one, and so are four', () => {
    expect(counted('#a ... .... ...... .. … #…', 'symbols')).toEqual({ symbols: 8 })
  })

  it.each([
    ['- a', 'bulletLines'],
    ['  •\u00a0a', 'bulletLines'],
    ['12) a', 'bulletLines'],
    ['٣. a', 'bulletLines'],
    ['-  \n', 'bulletLines'],
    ['a…  ', 'ellipsisLines'],
    ['a ...\u00a0', 'ellipsisLines'],
    ['قال: «نعم.»', 'terminalLines'],
    ['هل؟', 'terminalLines'],
    ['he said "no"', 'terminalLines'],
    ["(he said 'no.')", 'terminalLines'],
  ] as const)('count %j in %s', (text, name) => {
    expect(counted(text, name)).toEqual({ [name]: 1 })
  })

  it.each([
    ['-a', 'bulletLines'],
    ['-', 'bulletLines'],
    ['-\n', 'bulletLines'],
    ['1234. a', 'bulletLines'],
    ['a.. .', 'ellipsisLines'],
    ['..', 'ellipsisLines'],
    ['a)', 'terminalLines'],
    [")'", 'terminalLines'],
    ['نعم،', 'terminalLines'],
  ] as const)('do not count %j in %s', (text, name) => {
    expect(counted(text, name)).toEqual({ [name]: 0 })
  })

  it.each([
    ['The “Old House” İs É 𞤀𞤣 1A x ʻOkina', 6],
    ['a the ℯ ǆ éA 𝐚 (b) 1st', 0],
    ['أحمد آمنة ٱلله ة ى ς', 0],
    ['ǅ Ωmega (СССР) ⅷ Ⅷ', 4],
    ['ـA \u064eB', 2],
  ])('count the words of %j that start with a capital', (text, capitalWords) => {
    expect(counted(text, 'capitalWords')).toEqual({ capitalWords })
  })

  it.each([
    // Hemistichs, one a line.
    ['قفا نبك من ذكرى حبيب ومنزل\nبسقط اللوى بين الدخول فحومل\nفتوضح فالمقراة لم يعف رسمها', 2],
    [`${'a'.repeat(15)}\n${'a'.repeat(20)}\n${'a'.repeat(15)}`, 2],
    [`${'a'.repeat(15)}\n${'a'.repeat(21)}\n${'a'.repeat(14)}`, 0],
    [`${'a'.repeat(100)}\n\n  ${'a'.repeat(100)}\n${'a'.repeat(101)}`, 1],
    ['أ'.repeat(100), 0],
    // The name of a speaker between two verses; too long for a name; no name.
    [`${'a'.repeat(20)}\nANTONIO:\n${'a'.repeat(20)}`, 2],
    [`${'a'.repeat(30)}:\n${'a'.repeat(31)}:\nأنطونيو:`, 2],
    ['ANTONIO: no\nANTONIO', 0],
  ])('count lines about as long as the line before', (text, evenLines) => {
    expect(counted(text, 'evenLines')).toEqual({ evenLines })
  })

  it.each([
    ['Anna: No.', 1],
    ['أم كلثوم: نعم، أنت عمري!', 1],
    ['— Where to?', 1],
    ['  – إلى أين؟', 1],
    ['“Home.”', 1],
    ['«إلى البيت.»', 1],
    ['"Home," she said.', 1],
    [`${'a'.repeat(30)}:\u00a0b.`, 1],
    // No sentence, no name, no speech.
    ['Price: $30', 0],
    ['- An item.', 0],
    [': no.', 0],
    ['at 10:30 it starts.', 0],
    ['https://example.com is one.', 0],
    ['Anna:', 1],
    ['أنا:\n:', 1],
    ['a.\nAnna: ', 1],
    [`${'a'.repeat(31)}: b.`, 0],
    [`${'ا'.repeat(16)}: ب.`, 0],
    ['A sentence.\nAnna: no', 0],
  ])('count the speakers’ lines of %j', (text, speakerLines) => {
    expect(counted(text, 'speakerLines')).toEqual({ speakerLines })
  })

  it('recognise repeated lines regardless of the white space around them', () => {
    const counts = counted(
      'one two\n three\none two \n\n\tthree\nfour',
      'lines',
      'repeatedLines',
      'repeatedLineUnits',
    )
    expect(counts).toEqual({ lines: 5, repeatedLines: 2, repeatedLineUnits: 12 })
  })

  it('measure how much of the text repeated n-grams take up', () => {
    expect(ngramLengths('a b c d e f g h i j k l'.split(' '))).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0])
    // 12 words repeat: two whole runs of five or six words, one run of seven to ten.
    const twice = 'a b c d e f g h i j k l A B C D E F G H I J K L'
    expect(
      counted(twice, 'top2', 'top3', 'top4', 'repeated5', 'repeated6', 'repeated7', 'repeated10'),
    ).toEqual({
      ...{ top2: 4, top3: 6, top4: 8 },
      ...{ repeated5: 10, repeated6: 12, repeated7: 7, repeated10: 10 },
    })
  })
})

describe('the statistics kernel', () => {
  it('agrees with the reference on real text', () => {
    for (const text of realTexts()) expectTwins(text)
  })

  it('agrees with the reference on whole documents', () => {
    const texts = realTexts()
    for (let at = 0; at < texts.length; at += 40)
      expectTwins(Buffer.concat(texts.slice(at, at + 40)))
  }, 60_000)

  it('agrees with the reference on hard bytes', () => {
    for (const text of hardBytes()) expectTwins(text)
  }, 60_000)

  it('agrees with the reference on combinations of what its rules look for', () => {
    const pieces = [
      ...[
        'a',
        'B',
        'the',
        'word',
        'ΟΔΟΣ',
        'ς',
        'σ',
        'İ',
        'ß',
        'ẞ',
        'K',
        'É',
        '1',
        '٣',
        '²',
        'ⅷ',
        '漢',
        '𞤀',
        '😀',
      ],
      ...[
        'في',
        'علىٰ',
        'آ',
        'ة',
        'ـ',
        '\u064e',
        '\u06e5',
        '\u06dd',
        '،',
        '؟',
        '؛',
        '۔',
        '«',
        '»',
        '”',
        '’',
        '"',
        "'",
      ],
      ...[
        '.',
        '..',
        '...',
        '…',
        '#',
        '!',
        ':',
        ': ',
        '—',
        '“',
        ')',
        ']',
        '-',
        '*',
        '•',
        '–',
        '\u0301',
        '\u200f',
        '\u200d',
      ],
      ...[
        ' ',
        '  ',
        '\n',
        '\n',
        '\r\n',
        '\t',
        '\v',
        '\u001c',
        '\u0085',
        '\u00a0',
        '\u2028',
        '\u3000',
        '\ufeff',
      ],
    ]
    const piece = fc.constantFrom(...pieces)
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 80 }), (parts) =>
        expectTwins(encoder.encode(parts.join(''))),
      ),
      { numRuns: 3000 },
    )
    const ascii = fc.constantFrom('a', 'The', 'WORD', '12', '.', '...', '#', '-', '/', ' ', '\n')
    fc.assert(
      fc.property(fc.array(ascii, { maxLength: 120 }), (parts) =>
        expectTwins(encoder.encode(parts.join(''))),
      ),
      { numRuns: 2000 },
    )
    const arabic = fc.constantFrom(
      'في',
      'كلمة',
      'علىٰ',
      'آ',
      '.',
      '،',
      '؟',
      '#',
      '1',
      ')',
      'x',
      '»',
      ' ',
      ' ',
      '\n',
    )
    fc.assert(
      fc.property(fc.array(arabic, { maxLength: 80 }), (parts) =>
        expectTwins(encoder.encode(parts.join(''))),
      ),
      { numRuns: 2000 },
    )
    const spoken = fc.constantFrom(
      'Anna',
      'أم',
      ': ',
      ':',
      '—',
      '“',
      '.',
      ' ',
      'word',
      'أ'.repeat(7),
      '\n',
    )
    fc.assert(
      fc.property(fc.array(spoken, { maxLength: 60 }), (parts) =>
        expectTwins(encoder.encode(parts.join(''))),
      ),
      { numRuns: 2000 },
    )
    const stops = fc.constantFrom('.', '..', '...', '.'.repeat(70), '…', '#', 'a', 'é', ' ', '\n')
    fc.assert(
      fc.property(fc.array(stops, { maxLength: 150 }), (parts) =>
        expectTwins(encoder.encode(parts.join(''))),
      ),
      { numRuns: 1000 },
    )
    const word = fc.constantFrom('a ', 'b ', 'c ', 'dd\n')
    fc.assert(
      fc.property(fc.array(word, { maxLength: 300 }), (parts) =>
        expectTwins(encoder.encode(parts.join(''))),
      ),
      { numRuns: 300 },
    )
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), expectTwins), { numRuns: 1000 })
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => expectTwins(encoder.encode(text))),
      { numRuns: 1000 },
    )
  })

  it.each([
    ['signs inside a word', `a${']'.repeat(1_000_000)}a`],
    ['one letter', 'a'.repeat(1_000_000)],
    ['digits', '7'.repeat(1_000_000)],
    ['joined emoji', '👨\u200d👩\u200d👧'.repeat(150_000)],
    ['full stops and brackets', `${'.]'.repeat(500_000)}x`],
    ['names', `${'Anna:\n'.repeat(150_000)}${':'.repeat(500_000)}`],
  ])('and the reference count a million characters in linear time: %s', (_, text) => {
    expect(countWithKernel(encoder.encode(text))).toEqual(countStatistics(text, STOP_WORDS))
  })

  it('folds every character like the reference', () => {
    for (let block = 0; block < 0x110000; block += 512) {
      if (block >= 0x33480 && block < 0xe0000) continue
      const points = Array.from({ length: 512 }, (_, i) => block + i).filter(
        (p) => p < 0xd800 || p > 0xdfff,
      )
      const characters = points.map((point) => String.fromCodePoint(point))
      expectTwins(encoder.encode(characters.map((c) => `x${c}y ${c}z${c}\n`).join('')))
    }
  }, 60_000)

  it('finds each of many stop words', () => {
    const words = Array.from({ length: 20_000 }, (_, i) => `w${i}`)
    const counter = statisticsCounter(new Set(words))
    const text = encoder.encode([...words, ...words.map((word) => `x${word}`)].join(' '))
    const counts = kernelMemory().scope(() => {
      const start = kernelMemory().lend(text)
      return counter(start, start + text.length)
    })
    expect([counts?.[COUNT.words], counts?.[COUNT.stopWords]]).toEqual([40_000, 20_000])
  })

  it('counts a million words, and leaves more to the reference', () => {
    expect(countWithKernel(encoder.encode('ab '.repeat(2 ** 20)))?.[COUNT.words]).toBe(2 ** 20)
    expect(countWithKernel(encoder.encode('ab '.repeat(2 ** 20 + 1)))).toBeUndefined()
    expect(countWithKernel(encoder.encode('-\n'.repeat(2 ** 20 + 1)))).toBeUndefined()
  })
})
