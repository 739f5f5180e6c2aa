/** Rows that agree in the leading `keyWords` words of a record; the last word of a record is its row. */
export interface GroupInput {
  readonly records: Uint32Array
  readonly width: number
  /** Position in the order of preference, by row. */
  readonly rankOf: Uint32Array
  /** One bit a rank: documents to leave out. */
  readonly removed?: Uint32Array
  /** Ranks below this belong to earlier corpora: a group of nothing else is of no interest. */
  readonly baseRows: number
}

/**
 * Groups records by a hash table that holds only positions. Answers lists (length, then ranks ascending) of all
 * groups of two or more.
 */
export function groupRanks({ records, width, rankOf, removed, baseRows }: GroupInput): Uint32Array {
  const count = records.length / width
  const mask = tableSize(count) - 1
  const heads = new Int32Array(mask + 1).fill(-1)
  const next = new Int32Array(count).fill(-1)
  const sameKey = (a: number, b: number): boolean => {
    for (let i = 0; i < width - 1; i++) if (records[a * width + i] !== records[b * width + i]) return false
    return true
  }
  let grouped = 0
  for (let record = 0; record < count; record++) {
    if (removed && bitAt(removed, rankOf[records[record * width + width - 1] ?? 0] ?? 0)) continue
    // Partitions are cut by the first word: the second is still uniform inside one.
    let slot = (records[record * width + 1] ?? 0) & mask
    let head = heads[slot] ?? -1
    while (head >= 0 && !sameKey(head, record)) {
      slot = (slot + 1) & mask
      head = heads[slot] ?? -1
    }
    if (head >= 0) grouped++
    next[record] = head
    heads[slot] = record
  }
  const lists = new Uint32Array(grouped * 3)
  let filled = 0
  for (const head of heads) {
    if (head < 0 || (next[head] ?? -1) < 0) continue
    const start = filled + 1
    let end = start
    for (let record = head; record >= 0; record = next[record] ?? -1) {
      lists[end++] = rankOf[records[record * width + width - 1] ?? 0] ?? 0
    }
    const ranks = lists.subarray(start, end).sort()
    if ((ranks.at(-1) ?? 0) < baseRows) continue
    lists[filled] = end - start
    filled = end
  }
  return lists.slice(0, filled)
}

/** A power of two, at least half of it free. */
function tableSize(entries: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(16, entries * 1.6)))
}

/** Reads one bit. */
export function bitAt(bits: Uint32Array, index: number): boolean {
  return (((bits[index >>> 5] ?? 0) >>> (index & 31)) & 1) === 1
}

/** Sets one bit. */
export function setBit(bits: Uint32Array, index: number): void {
  bits[index >>> 5] = (bits[index >>> 5] ?? 0) | (1 << (index & 31))
}

/** A rank record: source (base first), text bytes inverted, start of the key, hash of the id, row. */
export const RANK_WIDTH = 9

/** Sorts rank records; answers them in order. */
export function sortRanks(records: Uint32Array): Uint32Array {
  const count = records.length / RANK_WIDTH
  const order = new Uint32Array(count)
  for (let i = 0; i < count; i++) order[i] = i
  order.sort((a, b) => compareRanks(records, a * RANK_WIDTH, records, b * RANK_WIDTH))
  const sorted = new Uint32Array(records.length)
  for (let i = 0; i < count; i++) {
    const from = (order[i] ?? 0) * RANK_WIDTH
    for (let word = 0; word < RANK_WIDTH; word++) sorted[i * RANK_WIDTH + word] = records[from + word] ?? 0
  }
  return sorted
}

/** Order of two rank records, word by word; the row decides nothing unless even the ids' hashes agree. */
export function compareRanks(a: Uint32Array, atA: number, b: Uint32Array, atB: number): number {
  for (let word = 0; word < RANK_WIDTH; word++) {
    const left = a[atA + word] ?? 0
    const right = b[atB + word] ?? 0
    if (left !== right) return left < right ? -1 : 1
  }
  return 0
}
