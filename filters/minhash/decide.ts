import type { Alarm, Decision, SketchStore } from '../../src/core/filter.ts'
import type { MinhashOptions } from './options.ts'
import { oversizeAlarms } from './phases/alarms.ts'
import { scatterBands } from './phases/bands.ts'
import { findBuckets } from './phases/buckets.ts'
import { findComponents } from './phases/components.ts'
import { findExact } from './phases/exact.ts'
import { linkBuckets } from './phases/link.ts'
import { decisionsIn, settleOutcome } from './phases/outcome.ts'
import { planVerification } from './phases/plan.ts'
import { rankDocuments } from './phases/rank.ts'
import { scanDocuments } from './phases/scan.ts'
import { answerRequests } from './phases/signatures.ts'
import { shingleMembers, verifyBuckets } from './phases/verify.ts'
import { openRun, type Run, type RunLimits } from './run.ts'

/**
 * Decides which documents are removed and which survive. Each phase writes durable files for the
 * next, and none holds more than a window of documents in memory:
 *
 *   scan        first scan of the sketches: sort keys and digests
 *   rank        documents in order of preference; from here on a document is its rank
 *   exact       equal digests: all but the first by rank are removed
 *   bands       second scan: band keys and signatures of the remaining documents
 *   buckets     documents that share a whole band
 *   signatures  their signatures, bucket by bucket
 *   link        pairs whose signatures agree
 *   components  connected components of such pairs
 *   plan        assigns components to buckets for verification
 *   shingles    one pass over the texts: sets of shingles
 *   verify      component by component, in order of rank, against the documents kept so far
 *   outcome     exact and near-duplicates joined, and the alarms
 */
export async function* decide(
  store: SketchStore,
  options: MinhashOptions,
  version: number,
  limits?: RunLimits,
): AsyncIterable<Decision | { readonly alarm: Alarm }> {
  if (store.rows === 0) return
  const run = openRun(store, options, version, limits)
  try {
    const { documents, byRank, exact, members } = await findCandidates(run)
    const plan = await run.phase('plan', 0.64, (folder) =>
      planVerification(run, folder, members, byRank),
    )
    const shingles = await run.phase('shingles', 0.65, (folder) =>
      shingleMembers(run, folder, plan),
    )
    const near = await run.phase('verify', 0.85, () => verifyBuckets(run, plan, shingles))
    await run.forget('shingles')
    const oversize = oversizeAlarms(plan.buckets, options.leaders)
    const findings = { exact: exact.removals, near, byRank, documents, alarms: oversize }
    const outcome = await run.phase('outcome', 0.95, (folder) =>
      settleOutcome(run, folder, findings),
    )
    yield* decisionsIn(run, outcome)
    for (const alarm of outcome.alarms) yield { alarm }
    store.progress(1, 'done')
  } finally {
    await run.pool.close()
  }
}

async function findCandidates(run: Run) {
  const scanned = await run.phase('scan', 0, (folder) => scanDocuments(run, folder))
  const ranked = await run.phase('rank', 0.1, (folder) => rankDocuments(run, folder, scanned))
  await run.forget('scan')
  const exact = await run.phase('exact', 0.2, (folder) => findExact(run, folder, ranked.exact))
  for (const path of ranked.exact) await run.store.storage.remove(path)
  const { bands, signatures } = await run.phase('bands', 0.25, (folder) =>
    scatterBands(run, folder, exact.rankOfRow),
  )
  const requests = await run.phase('buckets', 0.35, (folder) =>
    findBuckets(run, folder, bands, signatures),
  )
  for (const path of bands) await run.store.storage.remove(path)
  const links = await run.phase('signatures', 0.5, (folder) =>
    answerRequests(run, folder, signatures, requests),
  )
  await run.forget('bands')
  await run.forget('buckets')
  const edges = await run.phase('link', 0.55, (folder) => linkBuckets(run, folder, links))
  await run.forget('signatures')
  const members = await run.phase('components', 0.6, (folder) => findComponents(run, folder, edges))
  await run.forget('link')
  return { documents: scanned.documents, byRank: ranked.byRank, exact, members }
}
