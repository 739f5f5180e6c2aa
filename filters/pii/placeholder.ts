// What findings are replaced by: a placeholder for each type, or one for each value of a document.
import { type Finding, PII_TYPES, type PiiType, PLACEHOLDERS } from './finding.ts'

/** The bytes that stand for a finding of a row; its positions are those of `bytes`. */
export type Naming = (row: number, finding: Finding, bytes: Uint8Array) => Uint8Array

const PLAIN: ReadonlyMap<PiiType, Uint8Array> = new Map(
  PII_TYPES.map((type) => [type, Buffer.from(PLACEHOLDERS[type])]),
)
const NOTHING = new Uint8Array(0)

/** The same placeholder for all findings of a type: `<EMAIL>`. */
export const plainly: Naming = (_row, { type }) => PLAIN.get(type) ?? NOTHING

/**
 * Placeholders numbered by value: the first address of a document is `<EMAIL_1>` wherever it
 * stands, another `<EMAIL_2>`. `textsOf` gives all texts of a row: numbers that an earlier
 * redaction wrote there are not given again. For the rows of one batch.
 */
export function numbered(textsOf: (row: number) => readonly string[]): Naming {
  const documents = new Map<number, Map<PiiType, Values>>()
  return (row, { start, end, type }, bytes) => {
    let types = documents.get(row)
    if (types === undefined) {
      types = usedIn(textsOf(row))
      documents.set(row, types)
    }
    const given = types.get(type)
    if (given === undefined) return NOTHING
    const { least, numbers } = given
    const value = canonical(type, Buffer.from(bytes.subarray(start, end)).toString())
    const number = numbers.get(value) ?? least + numbers.size + 1
    numbers.set(value, number)
    return Buffer.from(PLACEHOLDERS[type].replace('>', `_${number}>`))
  }
}

/** Values of a type by number; the numbers up to `least` were given before. */
interface Values {
  readonly least: number
  readonly numbers: Map<string, number>
}

function usedIn(texts: readonly string[]): Map<PiiType, Values> {
  return new Map(
    PII_TYPES.map((type) => {
      const written = new RegExp(PLACEHOLDERS[type].replace('>', '_(\\d{1,9})>'), 'g')
      let least = 0
      for (const text of texts)
        for (const [, number] of text.matchAll(written)) least = Math.max(least, Number(number))
      return [type, { least, numbers: new Map() }]
    }),
  )
}

/** Addresses are the same in any case, numbers in any digits and with any separators. */
function canonical(type: PiiType, text: string): string {
  if (type === 'key') return text
  if (type === 'email' || type === 'ipAddress') return text.toLowerCase().replace(/\p{Cf}/gu, '')
  return text
    .toUpperCase()
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .replace(/[^0-9A-Z]/g, '')
}
