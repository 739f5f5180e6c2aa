import type { Alarm, Decision, SketchStore } from '../../src/core/filter.ts'
import { findBuckets, findExact } from './candidates.ts'
import { findComponents } from './components.ts'
import type { MinhashOptions } from './options.ts'
import { lossAlarms, nameAlarms, openOutcome, type RowAlarm } from './outcome.ts'
import type { VerifyPlan } from './plan.ts'
import { rankRows } from './rank.ts'
import { openRun, type Run } from './run.ts'
import { shuffle } from './shuffle.ts'
import { planVerification, shingleMembers, verifyBuckets } from './verification.ts'

/**
 * Which documents are removed, and for whom. The phases, each leaving durable files for the next:
 *
 *   shuffle     one scan: rank records, and exact and band keys scattered over files that fit in memory
 *   rank        documents in order of preference; from here on a document is its rank
 *   exact       equal digests: all but the first by rank go
 *   buckets     documents with a whole band in common
 *   components  second scan: of those, the ones whose signatures agree, joined
 *   shingles    one pass over the texts of what is left: sets of shingles, in buckets of whole components
 *   verify      component by component, in order of rank, against the documents kept so far
 */
export async function* decide(
  store: SketchStore,
  options: MinhashOptions,
  version: number,
  taskLimit?: number,
): AsyncIterable<Decision | { readonly alarm: Alarm }> {
  if (store.rows === 0) return
  const run = openRun(store, options, version, taskLimit)
  try {
    const { shuffled, ranks, exact, members } = await findCandidates(run)
    const plan = await planVerification(run, members)
    const near = await verify(run, plan)
    const outcome = await openOutcome(run, ranks, exact, near)
    yield* outcome.decisions()
    const alarms = [...oversizeAlarms(plan, options), ...lossAlarms(run, outcome.losses, shuffled.documents)]
    for (const alarm of await nameAlarms(run, alarms, ranks)) yield { alarm }
    store.progress(1, 'done')
  } finally {
    await run.pool.close()
  }
}

async function findCandidates(run: Run) {
  const shuffled = await run.phase('shuffle', 0, (folder) => shuffle(run, folder))
  const ranks = await run.phase('rank', 0.2, (folder) => rankRows(run, folder, shuffled.ranks))
  const exact = await run.phase('exact', 0.3, (folder) => findExact(run, folder, shuffled.exact, ranks))
  const buckets = await run.phase('buckets', 0.35, (folder) => findBuckets(run, folder, shuffled.bands, ranks, exact))
  await run.forget('shuffle')
  const members = await run.phase('components', 0.5, (folder) => findComponents(run, folder, buckets, ranks))
  await run.forget('buckets')
  return { shuffled, ranks, exact, members }
}

async function verify(run: Run, plan: VerifyPlan): Promise<string[]> {
  const shingles = await run.phase('shingles', 0.65, (folder) => shingleMembers(run, folder, plan))
  const decisions = await run.phase('verify', 0.85, () => verifyBuckets(run, plan, shingles))
  await run.forget('shingles')
  return decisions
}

function oversizeAlarms({ buckets }: VerifyPlan, { leaders }: MinhashOptions): RowAlarm[] {
  return buckets.flatMap(({ documents, root, lastLeader }) => {
    if (root === undefined || lastLeader === undefined) return []
    const message = (id: string) =>
      `${documents} documents resemble each other around ${id}: compared with the first ${leaders} by rank only`
    return [{ code: 'component-cap', message, rank: root }]
  })
}
