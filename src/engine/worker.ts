import type { Item } from '../core/connector.ts'
import { localStorage } from '../files/local-storage.ts'
import { examineSegments } from './contamination/find.ts'
import { throwProblems, validateManifest } from './plan/check.ts'
import { makePlan, type Plan } from './plan/plan.ts'
import { withPlugins } from './plan/plugins.ts'
import type { Registry } from './plan/registry.ts'
import { writeDropped } from './publish/dropped-file.ts'
import { writeLedger } from './publish/ledger-file.ts'
import { writeShard } from './publish/shard.ts'
import { surveySegment } from './publish/survey-segment.ts'
import { sourceOf } from './segments/segment-ref.ts'
import { type SegmentRecord, segmentBase, writeRecord } from './segments/work-folder.ts'
import { gather, scatter } from './stage/grouping.ts'
import { judge } from './stage/judge.ts'
import { chainInfo, chainKey, rechainSegment } from './stage/rechain.ts'
import { stageItems } from './stage/write-segments.ts'
import type { WorkerSetup, WorkerTask } from './workers/protocol.ts'
import { serializeError } from './workers/serialized-error.ts'
import type { TaskChannel, WorkerChannel } from './workers/worker-channel.ts'

const ALIVE_MS = 1000

/**
 * Serves tasks until the process ends: one after the other, but that the next may begin while files
 * of the one before are flushed. The first message must be the setup.
 */
export function serveTasks(registry: Registry, channel: WorkerChannel): void {
  let plan: Promise<Plan> | undefined
  setInterval(() => void channel.send({ type: 'alive' }), ALIVE_MS).unref()
  channel.onMessage((message) => {
    if ('manifest' in message) {
      plan = planFor(message, registry, channel)
      plan.then(
        () => void channel.send({ type: 'ready' }),
        () => undefined, // every task will be rejected with it
      )
      return
    }
    const own = channel.of(message.id)
    const done = plan
      ? plan.then((ready) => runTask(ready, message, own))
      : Promise.reject(new Error('no setup'))
    done.then(
      (value) => void own.tell({ type: 'result', value: value ?? null }),
      (error: unknown) => void own.tell({ type: 'failed', error: serializeError(error) }),
    )
  })
}

async function planFor(
  setup: WorkerSetup,
  registry: Registry,
  channel: WorkerChannel,
): Promise<Plan> {
  const result = await validateManifest(
    setup.manifest,
    setup.path,
    await withPlugins(registry, setup.manifest, setup.path),
  )
  if ('problems' in result) throwProblems(setup.path, result.problems)
  return makePlan(result.manifest, {
    storage: localStorage(),
    signal: new AbortController().signal,
    warn: (source, message) => void channel.send({ type: 'warning', source, message }),
  })
}

async function runTask(plan: Plan, task: WorkerTask, channel: TaskChannel): Promise<unknown> {
  switch (task.type) {
    case 'stage':
      return stage(plan, task, channel)
    case 'judge':
      return judge(sourceOf(plan, task.source), task.batch)
    case 'scatter': {
      const { connector } = sourceOf(plan, task.source)
      for await (const record of scatter(
        plan.storage,
        connector,
        task.partition,
        task.folder,
        task.buckets,
      )) {
        await channel.tell({ type: 'spool', record })
      }
      return
    }
    case 'rechain':
      return rechain(plan, task)
    case 'contamination':
      return examineSegments(plan, task)
    case 'survey':
      return surveySegment(plan, task)
    case 'shard':
      return writeShard(plan, task)
    case 'ledger':
      return writeLedger(plan, task)
    case 'dropped':
      return writeDropped(plan, task)
  }
}

/** Settled once the partition before is durable, whatever became of it. */
let flushed: Promise<void> = Promise.resolve()

async function stage(
  plan: Plan,
  task: WorkerTask & { type: 'stage' },
  channel: TaskChannel,
): Promise<void> {
  const before = flushed
  // Who looks for a document that kills has the process alone.
  if (task.careful) await before
  const staged = stagePartition(plan, task, channel, async () => {
    await before
    if (!task.careful) await channel.tell({ type: 'free' })
  })
  flushed = staged.catch(() => undefined)
  await staged
}

async function stagePartition(
  plan: Plan,
  task: WorkerTask & { type: 'stage' },
  channel: TaskChannel,
  written: () => Promise<void>,
): Promise<void> {
  const { name, connector, steps, corpusSteps } = sourceOf(plan, task.source)
  const { limits } = plan.manifest
  const chain = chainKey(chainInfo(steps, corpusSteps))
  const items: AsyncIterable<Item> = task.spools
    ? gather(plan.storage, connector, Number(task.partition.spec.bucket), task.spools, task.from)
    : connector.read(task.partition, task.from)
  await stageItems(
    {
      storage: plan.storage,
      source: name,
      steps,
      corpusSteps,
      maxDocumentBytes: limits.maxDocumentBytes,
      segmentBytes: limits.segmentBytes,
      base: (index) => segmentBase(task.folder, index, chain),
      firstIndex: task.firstIndex,
      from: task.from,
      quarantined: new Map(task.quarantined),
      ...(task.careful
        ? { beforeDocument: (id) => void channel.tell({ type: 'document', id }) }
        : {}),
      ...(task.careful || task.alone ? {} : { handOver: channel.handOver }),
    },
    items,
    async (segment) => {
      const record: SegmentRecord = { ...segment, chain }
      await writeRecord(plan.storage, task.folder, record)
      await channel.tell({ type: 'segment', record })
    },
    written,
  )
}

async function rechain(plan: Plan, task: WorkerTask & { type: 'rechain' }) {
  const { name, steps, corpusSteps } = sourceOf(plan, task.source)
  const chain = chainKey(chainInfo(steps, corpusSteps))
  const { index, chain: oldChain } = task.record
  const counts = await rechainSegment({
    storage: plan.storage,
    source: name,
    steps,
    corpusSteps,
    judgeFrom: task.judgeFrom,
    measureFrom: task.measureFrom,
    from: segmentBase(task.folder, index, oldChain),
    to: segmentBase(task.folder, index, chain),
  })
  await writeRecord(plan.storage, task.folder, { ...task.record, chain, counts })
  return counts
}
