import type { MinhashOptions } from './options.ts'

/** Text of one component that is compared document by document; fixed, so that verdicts do not depend on memory. */
const COMPONENT_BYTES = 32 << 20

/** Words of a member: rank, row, bytes of text, rank of its component's first. In order of rank. */
export const MEMBER_WIDTH = 4

/** Members of components, and which bucket each component is verified in. */
export interface VerifyPlan {
  readonly members: Uint32Array
  readonly count: number
  /** Bucket of each member. */
  readonly bucketOf: Uint32Array
  readonly buckets: readonly Bucket[]
}

export interface Bucket {
  readonly documents: number
  /** Set for a component too large to compare each with each: the last of its first documents by rank. */
  readonly lastLeader?: number
  /** Rank of the oversized component's first document. */
  readonly root?: number
}

/** Packs components into buckets of about `bucketBytes` of text; an oversized component has one to itself. */
export function planBuckets(members: Uint32Array, options: MinhashOptions, bucketBytes: number): VerifyPlan {
  const count = members.length / MEMBER_WIDTH
  const components = measureComponents(members, count)
  const bucketOf = new Uint32Array(count)
  const buckets: Bucket[] = []
  let open = -1
  let openBytes = 0
  for (let i = 0; i < count; i++) {
    const root = components.rootOf[i] ?? 0
    if (root !== i) {
      bucketOf[i] = bucketOf[root] ?? 0
      continue
    }
    const documents = components.documents[i] ?? 0
    const bytes = components.bytes[i] ?? 0
    if (documents > options.maxComponent || bytes > COMPONENT_BYTES) {
      const lastLeader = findLastLeader(members, components.rootOf, i, options.leaders)
      bucketOf[i] = buckets.push({ documents, lastLeader, root: members[i * MEMBER_WIDTH] ?? 0 }) - 1
      continue
    }
    if (open < 0 || openBytes + bytes > bucketBytes) {
      open = buckets.push({ documents: 0 }) - 1
      openBytes = 0
    }
    openBytes += bytes
    buckets[open] = { documents: (buckets[open]?.documents ?? 0) + documents }
    bucketOf[i] = open
  }
  return { members, count, bucketOf, buckets }
}

/** Position of each member's root, and per root the documents and bytes of its component. */
function measureComponents(members: Uint32Array, count: number) {
  const rootOf = new Uint32Array(count)
  const documents = new Uint32Array(count)
  const bytes = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const root = findRank(members, count, members[i * MEMBER_WIDTH + 3] ?? 0)
    rootOf[i] = root
    documents[root] = (documents[root] ?? 0) + 1
    bytes[root] = (bytes[root] ?? 0) + (members[i * MEMBER_WIDTH + 2] ?? 0)
  }
  return { rootOf, documents, bytes }
}

function findRank(members: Uint32Array, count: number, rank: number): number {
  let low = 0
  let high = count - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((members[middle * MEMBER_WIDTH] ?? 0) < rank) low = middle + 1
    else high = middle
  }
  return low
}

/** Rank of the last of a component's first documents: at most `leaders`, and no more text than one component may be. */
function findLastLeader(members: Uint32Array, rootOf: Uint32Array, root: number, leaders: number): number {
  let last = members[root * MEMBER_WIDTH] ?? 0
  let bytes = 0
  for (let i = root, taken = 0; i < rootOf.length && taken < leaders; i++) {
    if (rootOf[i] !== root) continue
    bytes += members[i * MEMBER_WIDTH + 2] ?? 0
    if (taken > 0 && bytes > COMPONENT_BYTES) break
    last = members[i * MEMBER_WIDTH] ?? 0
    taken++
  }
  return last
}
