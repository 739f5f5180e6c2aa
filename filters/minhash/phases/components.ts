import { eachRecord, streamRecords, type WordFile, withWordFiles } from '../files/records.ts'
import { type WindowFiles, windowOf } from '../files/windows.ts'
import type { Run } from '../run.ts'
import { EDGE_WIDTH, join, rootOf } from '../tasks/link.ts'

/** Words of a member: rank of its component's first document, its own rank. */
export const LABEL_WIDTH = 2
const NONE = 0xffffffff
/** Documents examined between two writes. */
const STRETCH = 1 << 14

/**
 * Finds the connected components of any number of documents with a table over one window of ranks
 * at a time. Windows are processed from the last to the first. Inside a window, edges join sets. A
 * set keeps one edge to a document before the window; each further edge is replaced by an edge
 * between the two outside documents, in an earlier window. So connected documents stay connected.
 * On the way back, each set takes the name of its component, which is its first document by rank,
 * from the document it is tied to. Writes the members of all components.
 */
export async function findComponents(
  run: Run,
  folder: string,
  edges: WindowFiles,
): Promise<string> {
  const tied = await contract(run, folder, edges)
  const members = `${folder}/members`
  await withWordFiles(run.store.storage, [members], run.taskBytes, async ([file]) => {
    if (file) await nameSets(run, folder, tied, file)
  })
  return members
}

/** By window: members of sets (root, rank), and ties (document before the window, root). */
interface Contracted {
  readonly size: number
  readonly sets: readonly string[]
  readonly ties: readonly string[]
}

async function contract(
  run: Run,
  folder: string,
  { size, paths }: WindowFiles,
): Promise<Contracted> {
  const { storage, rows, signal } = run.store
  const name = (kind: string): string[] => paths.map((_, i) => `${folder}/${kind}-${i}`)
  const [sets, ties, moves] = [name('sets'), name('ties'), name('moved')]
  await withWordFiles(storage, [...ties, ...moves], run.taskBytes, async (files) => {
    const tied = files.slice(0, ties.length)
    const moved = files.slice(ties.length)
    for (let window = paths.length - 1; window >= 0; window--) {
      await moved[window]?.commit()
      const first = window * size
      const table = setTable(first, Math.min(size, rows - first))
      for (const path of [paths[window] ?? '', moves[window] ?? '']) {
        for await (const edges of streamRecords(storage, path, EDGE_WIDTH)) {
          signal.throwIfAborted()
          for (let at = 0; at < edges.length; at += EDGE_WIDTH) {
            const left = table.add(edges[at] ?? 0, edges[at + 1] ?? 0)
            if (left) moved[windowOf({ size }, left[1] ?? 0)]?.add(left)
          }
          for (const file of moved.slice(0, window)) await file.flush()
        }
      }
      await withWordFiles(storage, [sets[window] ?? ''], run.taskBytes, async ([file]) => {
        if (file) await writeSets(table, size, file, tied)
      })
    }
  })
  for (const path of moves) await storage.remove(path)
  return { size, sets, ties }
}

async function writeSets(
  table: SetTable,
  size: number,
  sets: WordFile,
  tied: readonly WordFile[],
): Promise<void> {
  for (const members of table.members()) {
    for (let at = 0; at < members.length; at += 3) {
      const [root = 0, rank = 0, tie = NONE] = members.subarray(at, at + 3)
      sets.add(Uint32Array.of(root, rank))
      if (root === rank && tie !== NONE)
        tied[windowOf({ size }, tie)]?.add(Uint32Array.of(tie, root))
    }
    for (const file of [sets, ...tied]) await file.flush()
  }
}

type SetTable = ReturnType<typeof setTable>

/** Disjoint sets of the ranks of one window, each with at most one tie to a rank before it. */
function setTable(first: number, size: number) {
  const parent = Uint32Array.from({ length: size }, (_, i) => i)
  const tieOf = new Uint32Array(size).fill(NONE)
  const touched = new Uint8Array(size)
  return {
    /** Adds an edge, smaller rank first. Returns the edge to add in an earlier window, if any. */
    add(a: number, b: number): Uint32Array | undefined {
      touched[b - first] = 1
      const rootB = rootOf(parent, b - first)
      let other = a
      let root = rootB
      if (a >= first) {
        touched[a - first] = 1
        const rootA = rootOf(parent, a - first)
        if (rootA === rootB) return undefined
        root = join(parent, rootA, rootB)
        other = tieOf[rootA + rootB - root] ?? NONE
      }
      const tie = tieOf[root] ?? NONE
      tieOf[root] = Math.min(tie, other)
      return tie === NONE || other === NONE || tie === other
        ? undefined
        : Uint32Array.of(Math.min(tie, other), Math.max(tie, other))
    },
    /** Root, rank and tie of every member in order of rank, some thousands at a time. */
    *members(): Iterable<Uint32Array> {
      for (let start = 0; start < size; start += STRETCH) {
        const members: number[] = []
        for (let i = start; i < Math.min(size, start + STRETCH); i++) {
          if (touched[i] !== 1) continue
          const root = rootOf(parent, i)
          members.push(first + root, first + i, tieOf[root] ?? NONE)
        }
        yield Uint32Array.from(members)
      }
    },
  }
}

/**
 * Names every member after its component, from the first window to the last, and resolves the ties
 * of later windows.
 */
async function nameSets(
  run: Run,
  folder: string,
  { size, sets, ties }: Contracted,
  members: WordFile,
): Promise<void> {
  const { storage, rows } = run.store
  const answers = sets.map((_, i) => `${folder}/names-${i}`)
  await withWordFiles(storage, answers, run.taskBytes, async (files) => {
    for (const [window, setPath] of sets.entries()) {
      await files[window]?.commit()
      const first = window * size
      const names = new Uint32Array(Math.min(size, rows - first)).fill(NONE)
      for await (const [root = 0, name = 0] of eachRecord(storage, answers[window] ?? '', 2)) {
        names[root - first] = name
      }
      // A set's root is its first member, so it is named before the others need the name.
      for await (const [root = 0, rank = 0] of eachRecord(storage, setPath, 2)) {
        const name = names[root - first] ?? NONE
        names[rank - first] = name === NONE ? root : name
      }
      for await (const [rank = 0, root = 0] of eachRecord(storage, ties[window] ?? '', 2)) {
        if (names[rank - first] === NONE) names[rank - first] = rank
        const answer = files[windowOf({ size }, root)]
        answer?.add(Uint32Array.of(root, names[rank - first] ?? rank))
        await answer?.flush()
      }
      await writeMembers(names, first, members)
    }
  })
  for (const path of [...answers, ...sets, ...ties]) await storage.remove(path)
}

async function writeMembers(names: Uint32Array, first: number, members: WordFile): Promise<void> {
  for (let start = 0; start < names.length; start += STRETCH) {
    for (let i = start; i < Math.min(names.length, start + STRETCH); i++) {
      if (names[i] !== NONE) members.add(Uint32Array.of(names[i] ?? 0, first + i))
    }
    await members.flush()
  }
}
