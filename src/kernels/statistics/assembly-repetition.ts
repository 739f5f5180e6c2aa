// Measures what repeats in a text: lines, and runs of 2 to 10 words. See ./repetition.ts. Lines and
// words come as 64-bit hashes. Runs are compared exactly: a run of n words is a pair of runs of n -
// 1, and only a run whose parts repeat can repeat.

/**
 * An open-addressing hash table for one call: u64 keys, 0 where a slot is free, then how often each
 * key occurs (u32).
 */
let keys: usize = 0
let occurrences: usize = 0
let mask: usize = 0

/**
 * From this length on, all repetitions are counted; of shorter runs only the most frequent one.
 * LONGEST is the longest run.
 */
const REPEATED: u32 = 5
const LONGEST: u32 = 10
/** Set in the count of a run after its first occurrence has been passed. */
const SEEN: u32 = 0x80000000

/**
 * Initialises an empty table at `at` for `count` keys. It takes 12 bytes per slot and has fewer
 * than 4 `count` + 16 slots.
 */
function openTable(at: usize, count: u32): void {
  let slots: usize = 16
  while (slots < usize(count) << 1) slots <<= 1
  keys = at
  occurrences = at + (slots << 3)
  mask = slots - 1
  memory.fill(keys, 0, slots << 3)
}

/**
 * Increments the count of a key and returns its slot. There is no branch on whether the key is new,
 * because it would be hard to predict.
 */
@inline
function countKey(key: u64): usize {
  let slot = usize((key * 0x9e3779b97f4a7c15) >> 32) & mask
  let found = load<u64>(keys + (slot << 3))
  while (found != key && found != 0) {
    slot = (slot + 1) & mask
    found = load<u64>(keys + (slot << 3))
  }
  store<u64>(keys + (slot << 3), key)
  const counter = occurrences + (slot << 2)
  store<u32>(counter, select<u32>(0, load<u32>(counter), found == 0) + 1)
  return slot
}

/**
 * Stores the number of lines that were seen before in counts[0] and the sum of their lengths in
 * counts[1], u32 each. `lengths` has one u32 per line. Hashes are not 0.
 */
export function countRepeatedLines(
  hashes: usize,
  lengths: usize,
  count: u32,
  counts: usize,
  room: usize,
): void {
  openTable(room, count)
  let lines: u32 = 0
  let units: u32 = 0
  for (let i: usize = 0; i < usize(count); i++) {
    const slot = countKey(load<u64>(hashes + (i << 3)))
    if (load<u32>(occurrences + (slot << 2)) == 1) continue
    lines++
    units += load<u32>(lengths + (i << 2))
  }
  store<u32>(counts, lines)
  store<u32>(counts, units, 4)
}

/**
 * Both u32: for each word the class of the run that starts there, which is 0 if the run occurs
 * once, else its slot + 1; and the list of words whose run repeats.
 */
let classes: usize = 0
let repeated: usize = 0

/**
 * Writes the results of `ngramLengths` in ./repetition.ts, nine u32 at `out`. `ends` has count + 1
 * positions (u32) of words in UTF-16 units. Hashes are not 0 and are overwritten. `room` has space
 * for 8 bytes per word and 64 more, then for a table.
 */
export function measureNgrams(
  hashes: usize,
  ends: usize,
  count: u32,
  out: usize,
  room: usize,
): void {
  memory.fill(out, 0, 36)
  classes = room
  repeated = classes + (usize(count) + 4 << 2)
  const table = repeated + (usize(count) + 8 << 2)
  let left = classifyWords(hashes, count, table)
  for (let n: u32 = 2; n <= LONGEST && left > 0; n++) {
    left = classifyRuns(left, table, hashes)
    if (left == 0) break
    const length = n < REPEATED ? topLength(ends, left, n) : repeatedLength(ends, left, n)
    store<u32>(out + (usize(n - 2) << 2), length)
  }
}

/** Assigns the words to classes and returns how many occur more than once. */
function classifyWords(hashes: usize, count: u32, table: usize): u32 {
  openTable(table, count)
  for (let i: usize = 0; i < usize(count); i++) {
    store<u32>(classes + (i << 2), u32(countKey(load<u64>(hashes + (i << 3)))) + 1)
    store<u32>(repeated + (i << 2), u32(i))
  }
  store<u32>(classes + (usize(count) << 2), 0)
  return dropUnique(count)
}

/**
 * Goes from runs of n - 1 words to runs of n and returns how many occur more than once. Overwrites
 * `pairs`, 8 bytes per run.
 */
function classifyRuns(left: u32, table: usize, pairs: usize): u32 {
  let kept: u32 = 0
  for (let k: usize = 0; k < usize(left); k++) {
    const i: u32 = load<u32>(repeated + (k << 2))
    const kind = classes + (usize(i) << 2)
    const next: u32 = load<u32>(kind, 4)
    store<u64>(pairs + (usize(kept) << 3), (u64(load<u32>(kind)) << 32) | u64(next))
    store<u32>(repeated + (usize(kept) << 2), i)
    store<u32>(kind, 0)
    kept += u32(next != 0)
  }
  openTable(table, kept)
  for (let k: usize = 0; k < usize(kept); k++) {
    const i: usize = load<u32>(repeated + (k << 2))
    store<u32>(classes + (i << 2), u32(countKey(load<u64>(pairs + (k << 3)))) + 1)
  }
  return dropUnique(kept)
}

/** Address of the number of occurrences of a class. */
@inline
function counterOf(kind: u32): usize {
  return occurrences + (usize(kind - 1) << 2)
}

/** Keeps only runs on the list that occur more than once. */
function dropUnique(left: u32): u32 {
  let kept: u32 = 0
  for (let k: usize = 0; k < usize(left); k++) {
    const i: u32 = load<u32>(repeated + (k << 2))
    const kind = classes + (usize(i) << 2)
    const many = load<u32>(counterOf(load<u32>(kind))) > 1
    store<u32>(kind, select<u32>(load<u32>(kind), 0, many))
    store<u32>(repeated + (usize(kept) << 2), i)
    kept += u32(many)
  }
  return kept
}

function topLength(ends: usize, left: u32, n: u32): u32 {
  let most: u32 = 0
  let longest: u32 = 0
  for (let k: usize = 0; k < usize(left); k++) {
    const i = usize(load<u32>(repeated + (k << 2)))
    const often: u32 = load<u32>(counterOf(load<u32>(classes + (i << 2))))
    if (often < most) continue
    const length = lengthOf(ends, i, n)
    longest = often > most ? length : max(longest, length)
    most = often
  }
  return most * longest
}

function repeatedLength(ends: usize, left: u32, n: u32): u32 {
  let total: u32 = 0
  let past: usize = 0
  for (let k: usize = 0; k < usize(left); k++) {
    const i = usize(load<u32>(repeated + (k << 2)))
    if (i < past) continue
    const counter = counterOf(load<u32>(classes + (i << 2)))
    const often: u32 = load<u32>(counter)
    if (often & SEEN) {
      total += lengthOf(ends, i, n)
      past = i + usize(n)
    } else store<u32>(counter, often | SEEN)
  }
  return total
}

@inline
function lengthOf(ends: usize, i: usize, n: u32): u32 {
  return load<u32>(ends + (i + usize(n) << 2)) - load<u32>(ends + (i << 2))
}
