// Whether a text looks as if it were drawn at random, or like words and names.

/**
 * For each letter those that follow it in at least 2.2 % of cases; a third of all pairs. Counted in
 * the documentation of Rust, Vue and this project, and the sources of Sphinx (5.4 million letters).
 */
const FOLLOWERS = [
  'abcdgilmnprst',
  'baeijloruy',
  'caehiklortu',
  'dadeiosu',
  'eacdflmnrstx',
  'faefioru',
  'geghilnorsu',
  'haeiot',
  'icdfglmnorstv',
  'jaeostu',
  'kaeinsuw',
  'ladefilostuy',
  'mabeilmopsu',
  'nacdegiost',
  'obcdflmnoprstuw',
  'paehiloprstu',
  'qu',
  'raceginorstuy',
  'sacehiopstu',
  'taehiorstuy',
  'uabceilmnprst',
  'vaeiu',
  'waehinors',
  'xaceiprt',
  'yilmnopst',
  'zaeioz',
]

const common = new Uint8Array(26 * 26)
for (const [first, followers] of FOLLOWERS.entries()) {
  for (const second of followers.slice(1)) common[first * 26 + second.charCodeAt(0) - 0x61] = 1
}

/** Shortest stretch of common pairs that counts as a word; shorter ones are chance. */
const WORD = 4

/** Share of the characters that are in stretches of letters that read like words, 0 to 1. */
export function wordShare(text: string): number {
  let inWords = 0
  let length = 0
  let before = -1
  let wasLower = false
  const close = (): void => {
    if (length >= WORD) inWords += length
    length = 0
  }
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    const letter = (code | 0x20) - 0x61
    const isLetter = code > 0x40 && code < 0x7b && letter >= 0 && letter < 26
    const isLower = code > 0x60
    // A capital after a small letter begins a word.
    const follows = isLetter && before >= 0 && (isLower || !wasLower)
    if (!follows || common[before * 26 + letter] !== 1) close()
    if (isLetter) length = Math.max(1, length + 1)
    before = isLetter ? letter : -1
    wasLower = isLower
  }
  close()
  return text.length === 0 ? 0 : inWords / text.length
}

/** Shannon entropy in bits per character. */
export function entropyOf(text: string): number {
  const counts = new Map<string, number>()
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1)
  let bits = 0
  for (const count of counts.values())
    bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}

/**
 * Whether a text looks drawn at random: letters and digits change often, few stretches read like
 * words, and the characters are spread as evenly as in random hexadecimal (about 3.6 bits for 32
 * characters, less for shorter texts).
 */
export function looksRandom(text: string): boolean {
  const digits = text.replace(/\D/g, '').length
  const letters = text.replace(/[^A-Za-z]/g, '').length
  if (letters === 0) return false
  const least = Math.min(3.2, 0.72 * Math.log2(text.length))
  if (entropyOf(text) < least) return false
  const changes = text.match(/\d(?=[A-Za-z])|[A-Za-z](?=\d)/g)?.length ?? 0
  const cases = text.match(/[a-z](?=[A-Z])|[A-Z]{2}(?=[a-z])/g)?.length ?? 0
  if (digits === 0) return cases >= 4 && cases >= text.length / 8 && wordShare(text) < 0.3
  return changes >= 2 && (changes + cases) * 12 >= text.length && wordShare(text) < 0.45
}
