/** Frequent short words: about a quarter of the words in running Arabic text. */
const COMMON = new Set(
  (
    'في من على إلى الى أن إن ان لا ما هو هي هذا هذه ذلك التي الذي الذين كان كانت قد لم لن عن مع بين ثم أو او أي كل ' +
    'بعد قبل عند حتى إذا اذا لكن غير كما فيه به له لها منه منها عليه قال وهو وقد ولا وما وفي ومن وكان يا أنه بن الله'
  ).split(' '),
)
const WORD = /[\u0620-\u0652\u0670-\u06d3]+/g
/** Characters that a font without a mapping to Unicode produces. */
const UNMAPPED = /[\ufffd\ue000-\uf8ff\u0000-\u0008\u000e-\u001f]/g
/**
 * Alef, alef with hamza, lam: no Arabic word has this sequence, but a reversed lam-alef produces
 * it.
 */
const SWAPPED_LAM_ALEF = /ا[إأآ]ل/g
const LAM_ALEF = /ال[إأآ]|لا/g

/** How usable a text layer is: as it is, after reversing its lines, or not at all. */
export type TextLayerVerdict =
  | { readonly order: 'logical' | 'visual' }
  | { readonly distrusted: string }

/**
 * Judges the text layer of a PDF, because many are useless: no text, glyphs without Unicode,
 * swapped lam-alef (not repairable, because both orders spell words), lines in visual order, or
 * old, bad OCR. Presentation forms must have been replaced by letters.
 */
export function judgeTextLayer(text: string): TextLayerVerdict {
  const characters = text.replace(/\s+/g, '').length
  if (characters < 20) return { distrusted: 'no-text' }
  if ((text.match(UNMAPPED)?.length ?? 0) / characters > 0.05)
    return { distrusted: 'unmapped-glyphs' }
  const words = text.match(WORD) ?? []
  if (words.length < 8) return { order: 'logical' }
  const turned = words.map(turn)
  const forward = share(words, isPlausible) - share(words, isImplausible)
  const backward = share(turned, isPlausible) - share(turned, isImplausible)
  const isVisual = backward > forward
  const logical = (isVisual ? turned : words).join(' ')
  const swapped = logical.match(SWAPPED_LAM_ALEF)?.length ?? 0
  if (swapped > 1 && swapped > (logical.match(LAM_ALEF)?.length ?? 0) / 4)
    return { distrusted: 'swapped-lam-alef' }
  // Running text has 15 to 30 % of such words. With fewer than 4 % in fifty words, the letters do
  // not spell Arabic.
  if (words.length >= 50 && share(isVisual ? turned : words, (word) => COMMON.has(word)) < 0.04) {
    return { distrusted: 'unknown-words' }
  }
  return { order: isVisual ? 'visual' : 'logical' }
}

const isPlausible = (word: string): boolean =>
  COMMON.has(word) || (word.length > 4 && word.startsWith('ال'))
/** Teh marbuta and alef maksura only end words. */
const isImplausible = (word: string): boolean => word.length > 1 && /^[ةى]/.test(word)
const share = (words: readonly string[], test: (word: string) => boolean): number =>
  words.filter(test).length / words.length
const turn = (word: string): string => clusters(word).reverse().join('')
/** Letters with the marks that follow them. */
const clusters = (text: string): string[] => text.match(/\P{M}\p{M}*|\p{M}+/gu) ?? []

const LEFT_TO_RIGHT =
  /[\p{Nd}\p{Script=Latin}\p{Script=Greek}]+(?:[ .,:/%+-]*[\p{Nd}\p{Script=Latin}\p{Script=Greek}]+)*/gu
const MIRRORED = new Map(
  ['()', '[]', '{}', '«»', '<>', '‹›'].flatMap(([a = '', b = '']) => [
    [a, b] as const,
    [b, a] as const,
  ]),
)

/**
 * Converts a line in visual order, left to right, to reading order. Numbers and Latin runs keep
 * their order.
 */
export function visualToLogical(line: string): string {
  const turned = clusters(line)
    .reverse()
    .map((cluster) => MIRRORED.get(cluster) ?? cluster)
    .join('')
  return turned.replace(LEFT_TO_RIGHT, turn)
}
