import { type Scattered, scatterByWindow } from '../files/scatter.ts'
import type { Windows } from '../files/windows.ts'
import { DIGEST_WORDS } from '../sketch.ts'
import { BY_RANK_WIDTH, EXACT_WIDTH } from './rank.ts'

/** Words of an exact removal: rank and row of the survivor, rank and row removed. */
export const REMOVAL_WIDTH = 4

/** Words of a kept document: rank, row. */
export const KEPT_WIDTH = BY_RANK_WIDTH

export interface FirstInput {
  /** Exact records in order of rank. */
  readonly records: Uint32Array
  /** Ranks below this belong to base corpora and are never removed. */
  readonly baseRows: number
  readonly windows: Windows
}

/**
 * Keeps the first of the records with the same digest. Returns the kept ones, scattered by row, and
 * the removed ones.
 */
export function firstOfEach({ records, baseRows, windows }: FirstInput): Firsts {
  return digestTable(baseRows, records.length / EXACT_WIDTH, windows).take(records)
}

export type Firsts = readonly [kept: Scattered, removed: Uint32Array]

/**
 * Hash table of the digests seen so far. It grows only with distinct digests: a million copies are
 * one entry.
 */
export function digestTable(baseRows: number, expected: number, windows: Windows) {
  let mask = 2 ** Math.ceil(Math.log2(Math.max(16, expected * 1.6))) - 1
  let slots = new Int32Array(mask + 1).fill(-1)
  let first = new Uint32Array(Math.max(1, expected) * EXACT_WIDTH)
  let size = 0
  const slotOf = (words: Uint32Array, at: number): number => {
    // Files are divided by the first word, so the second is still uniform within a file.
    let slot = (words[at + 1] ?? 0) & mask
    for (let entry = slots[slot] ?? -1; entry >= 0; entry = slots[slot] ?? -1) {
      if (sameDigest(first, entry * EXACT_WIDTH, words, at)) break
      slot = (slot + 1) & mask
    }
    return slot
  }
  const grow = (): void => {
    const wide = new Uint32Array(first.length * 2)
    wide.set(first)
    first = wide
    mask = mask * 2 + 1
    slots = new Int32Array(mask + 1).fill(-1)
    for (let entry = 0; entry < size; entry++) slots[slotOf(first, entry * EXACT_WIDTH)] = entry
  }
  return {
    take(records: Uint32Array): Firsts {
      const count = records.length / EXACT_WIDTH
      const kept = new Uint32Array(count * KEPT_WIDTH)
      const removed = new Uint32Array(count * REMOVAL_WIDTH)
      let keptWords = 0
      let removedWords = 0
      for (let at = 0; at < records.length; at += EXACT_WIDTH) {
        const rank = records[at + DIGEST_WORDS] ?? 0
        const row = records[at + DIGEST_WORDS + 1] ?? 0
        const slot = slotOf(records, at)
        const entry = slots[slot] ?? -1
        if (entry < 0) {
          if ((size + 1) * EXACT_WIDTH > first.length) grow()
          first.set(records.subarray(at, at + EXACT_WIDTH), size * EXACT_WIDTH)
          slots[slotOf(records, at)] = size++
        }
        if (entry < 0 || rank < baseRows) {
          kept[keptWords++] = rank
          kept[keptWords++] = row
        } else {
          removed[removedWords++] = first[entry * EXACT_WIDTH + DIGEST_WORDS] ?? 0
          removed[removedWords++] = first[entry * EXACT_WIDTH + DIGEST_WORDS + 1] ?? 0
          removed[removedWords++] = rank
          removed[removedWords++] = row
        }
      }
      return [
        scatterByWindow(kept.subarray(0, keptWords), KEPT_WIDTH, 1, windows),
        removed.slice(0, removedWords),
      ]
    },
  }
}

function sameDigest(a: Uint32Array, atA: number, b: Uint32Array, atB: number): boolean {
  for (let i = 0; i < DIGEST_WORDS; i++) if (a[atA + i] !== b[atB + i]) return false
  return true
}
