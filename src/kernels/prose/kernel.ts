// The compiled version of reference.ts.
import { kernelFunctions, kernelMemory } from '../memory/module.ts'
import { PROSE_GROWTH, spellings } from './reference.ts'

/**
 * Makes the plain copy of the text [start, end) in the kernels' memory. The copy is valid until the
 * current scope ends.
 */
export type PlacedProse = (
  start: number,
  end: number,
) => { readonly start: number; readonly end: number }

interface Functions {
  plainProse(text: number, end: number, target: number, table: number): number
}

let table: number | undefined

/** The kernel of `proseReference`. Its tables are placed once per process. */
export function placedProse(): PlacedProse {
  const { plainProse } = kernelFunctions<Functions>('plainProse')
  const memory = kernelMemory()
  table ??= placeSpellings()
  const spellingsAt = table
  return (from, to) => {
    const start = memory.temporary((to - from) * PROSE_GROWTH)
    return { start, end: plainProse(from, to, start, spellingsAt) }
  }
}

/** Places what each code point becomes (class Spellings of the kernel). Returns its address. */
function placeSpellings(): number {
  const memory = kernelMemory()
  const strings: Buffer[] = []
  let length = 0
  const actions = spellings().map((plain) => {
    if (plain === undefined) return 0
    if (plain === ' ') return 1
    const bytes = Buffer.from(plain)
    strings.push(bytes)
    length += bytes.length
    return ((length - bytes.length) << 8) | (bytes.length << 2) | 2
  })
  const rows = new Map<string, number>()
  const blocks = new Uint8Array(actions.length / 64)
  for (let block = 0; block < blocks.length; block++) {
    const row = actions.slice(block * 64, block * 64 + 64).join()
    if (!rows.has(row)) rows.set(row, rows.size)
    blocks[block] = rows.get(row)!
  }
  const packed = Uint32Array.from([...rows.keys()].flatMap((row) => row.split(',').map(Number)))
  const tables = [blocks, packed, Buffer.concat(strings), onesOfMasks()]
  return memory.keep(Uint32Array.from(tables, (table) => memory.keep(table)))
}

/** For every mask of 8 bits the positions of its ones, as 8 bytes. */
function onesOfMasks(): Uint8Array {
  const positions = new Uint8Array(256 * 8)
  for (let mask = 0; mask < 256; mask++) {
    let next = mask * 8
    for (let bit = 0; bit < 8; bit++) if ((mask >> bit) & 1) positions[next++] = bit
  }
  return positions
}
