/*
 * Reverses the Burrows-Wheeler transform, from the last column of the sorted matrix to the text,
 * and expands runs.
 */

/**
 * Turns the byte in each row into `next row << 8 | byte`. `counts[b + 1]` holds how often byte b
 * occurs and is overwritten.
 */
export function linkRows(rows: Int32Array, length: number, counts: Uint32Array): void {
  for (let value = 1; value < 257; value++)
    counts[value] = (counts[value] as number) + (counts[value - 1] as number)
  for (let index = 0; index < length; index++) {
    const byte = (rows[index] as number) & 0xff
    const rank = counts[byte] as number
    counts[byte] = rank + 1
    rows[rank] = (rows[rank] as number) | (index << 8)
  }
}

/** Number of walks that run side by side. */
export const LANES = 4
/** Number of walks a block is divided into: enough to keep all lanes busy until nearly the end. */
const WALKS = 64
/** Flag of a row where a walk starts, and where the walk before it therefore ends. */
const START = 1 << 31

/**
 * A part of the block: the bytes `lane[from, to)`, followed by the walk that begins with the entry
 * `next`.
 */
interface Walk {
  readonly lane: Uint8Array
  readonly from: number
  to: number
  next: number
}

/**
 * Collects the bytes along the links, starting at row `first`. Each link jumps to a random place in
 * 3.6 MB and depends on the one before, so a single walk mostly waits for memory. Several walks
 * therefore start at chosen rows and advance in turn. The row where each one ends shows which walk
 * follows it.
 */
export function followLinks(
  rows: Int32Array,
  length: number,
  first: number,
  lanes: readonly Uint8Array[],
  raw: Uint8Array,
) {
  const firstEntry = rows[first] as number
  const waiting = markStarts(rows, length, first)
  // A lane without work loops here.
  const idle = length << 8
  rows[length] = idle
  const walks = new Map<number, Walk>()
  const entries = new Int32Array(LANES)
  let step = 0
  const begin = (lane: Uint8Array, index: number): Walk | undefined => {
    const entry = waiting.pop()
    entries[index] = entry ?? idle
    if (entry === undefined) return undefined
    const walk = { lane, from: step, to: step, next: 0 }
    walks.set(entry, walk)
    return walk
  }
  const current = lanes.map(begin)
  while (current.some((walk) => walk !== undefined)) {
    step = walkOn(rows, entries, lanes, step)
    for (const [index, walk] of current.entries()) {
      const entry = entries[index] as number
      if (!walk || entry >= 0) continue
      walk.to = step
      walk.next = entry & ~START
      current[index] = begin(walk.lane, index)
    }
  }
  joinWalks(walks, firstEntry, raw, length)
}

/** Marks the rows where walks begin, `first` among them, and returns what the rows held. */
function markStarts(rows: Int32Array, length: number, first: number): number[] {
  const starts = new Set([first])
  for (let walk = 1; walk < WALKS; walk++) starts.add(Math.floor((walk * length) / WALKS))
  return Array.from(starts, (row) => {
    const entry = rows[row] as number
    rows[row] = entry | START
    return entry
  })
}

/** Advances all lanes until one of them reaches a marked row. Returns the step reached. */
function walkOn(
  rows: Int32Array,
  entries: Int32Array,
  lanes: readonly Uint8Array[],
  from: number,
): number {
  const [laneA, laneB, laneC, laneD] = lanes as [Uint8Array, Uint8Array, Uint8Array, Uint8Array]
  let [entryA, entryB, entryC, entryD] = entries as unknown as [number, number, number, number]
  let step = from
  do {
    laneA[step] = entryA
    laneB[step] = entryB
    laneC[step] = entryC
    laneD[step] = entryD
    step++
    entryA = rows[entryA >>> 8] as number
    entryB = rows[entryB >>> 8] as number
    entryC = rows[entryC >>> 8] as number
    entryD = rows[entryD >>> 8] as number
  } while ((entryA | entryB | entryC | entryD) >= 0)
  entries.set([entryA, entryB, entryC, entryD])
  return step
}

/** Joins the walks in order. If the links form a ring shorter than the block, it is repeated. */
function joinWalks(
  walks: ReadonlyMap<number, Walk>,
  first: number,
  raw: Uint8Array,
  length: number,
): void {
  let next = first
  let size = 0
  while (size < length) {
    const walk = walks.get(next) as Walk
    const bytes = walk.lane.subarray(walk.from, Math.min(walk.to, walk.from + length - size))
    raw.set(bytes, size)
    size += bytes.length
    next = walk.next
  }
}

/** After this many equal bytes, the next byte counts further repeats. */
const RUN = 4

/** Expands runs into `output`, or into a larger array if it is too small. Returns the bytes. */
export function expandRuns(raw: Uint8Array, length: number, output: Uint8Array): Uint8Array {
  let target = output
  let size = 0
  let run = 0
  let previous = -1
  for (let index = 0; index < length; index++) {
    const byte = raw[index] as number
    if (run === RUN) {
      // At least this much is needed from here on, so bytes outside of runs always have room.
      const needed = size + byte + length - index
      if (needed > target.length) target = grown(target, needed)
      target.fill(previous, size, size + byte)
      size += byte
      run = 0
      previous = -1
      continue
    }
    run = byte === previous ? run + 1 : 1
    previous = byte
    target[size++] = byte
  }
  return target.subarray(0, size)
}

function grown(bytes: Uint8Array, needed: number): Uint8Array {
  const larger = new Uint8Array(Math.max(needed, bytes.length * 2))
  larger.set(bytes)
  return larger
}
