import type { Item } from '../core/connector.ts'
import { type Port, serveTasks, type TaskLine } from '../workers/serve.ts'
import { examineSegments } from './contamination/examine-segments.ts'
import { throwProblems } from './plan/check.ts'
import { openPlan, validateWithPlugins } from './plan/open-plan.ts'
import type { Plan } from './plan/plan.ts'
import type { Registry } from './plan/registry.ts'
import { writeDropped } from './publish/dropped-file.ts'
import { writeLedger } from './publish/ledger-file.ts'
import { writeShard } from './publish/shard.ts'
import { surveySegment } from './publish/survey-segment.ts'
import { sourceOf } from './segments/segment-ref.ts'
import { type SegmentRecord, segmentBase, writeRecord } from './segments/work-folder.ts'
import { gather, scatter } from './stage/grouping.ts'
import { type Judgement, judge } from './stage/judge.ts'
import type { HandOver } from './stage/read-batches.ts'
import { chainInfo, chainKey, rechainSegment } from './stage/rechain.ts'
import type { PartitionTask, RechainTask } from './stage/tasks.ts'
import { stageItems } from './stage/write-segments.ts'
import type { RunProtocol } from './tasks.ts'

/** Milliseconds between the heartbeats of a worker. */
const ALIVE_MS = 1000

/**
 * Serves the tasks of a run, one after the other, until the process ends. A task may begin while
 * the files of the previous one are still being flushed.
 */
export function serveRun(registry: Registry, port: Port): void {
  serveTasks<RunProtocol>(port, {
    aliveMs: ALIVE_MS,
    async open({ manifest, path }) {
      const validation = await validateWithPlugins(manifest, path, registry)
      if ('problems' in validation) throwProblems(path, validation.problems)
      const plan = await openPlan(validation.manifest, {
        warn: (source, message) => void port.post({ type: 'warning', source, message }),
      })
      return (task, line) => runTask(plan, task, line)
    },
  })
}

async function runTask(
  plan: Plan,
  task: RunProtocol['task'],
  line: TaskLine<RunProtocol>,
): Promise<unknown> {
  switch (task.type) {
    case 'stage':
      return stage(plan, task, line)
    case 'judge':
      return judge(sourceOf(plan, task.source), task.batch)
    case 'scatter': {
      const { connector } = sourceOf(plan, task.source)
      const { partition, folder, buckets } = task
      for await (const record of scatter(plan.storage, connector, partition, folder, buckets)) {
        await line.tell({ type: 'spool', record })
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

/** Settles once the files of the previous partition are durable or its task has failed. */
let flushed: Promise<void> = Promise.resolve()

async function stage(plan: Plan, task: PartitionTask, line: TaskLine<RunProtocol>): Promise<void> {
  const before = flushed
  // A worker that searches for the document that crashes it works on one task at a time.
  if (task.careful) await before
  const staged = stagePartition(plan, task, line, async () => {
    await before
    if (!task.careful) await line.free()
  })
  flushed = staged.catch(() => undefined)
  await staged
}

async function stagePartition(
  plan: Plan,
  task: PartitionTask,
  line: TaskLine<RunProtocol>,
  written: () => Promise<void>,
): Promise<void> {
  const { name, connector, steps, corpusSteps } = sourceOf(plan, task.source)
  const { limits } = plan.manifest
  const chain = chainKey(chainInfo(steps, corpusSteps))
  const bucket = Number(task.partition.spec.bucket)
  const items: AsyncIterable<Item> = task.spools
    ? gather(plan.storage, connector, bucket, task.spools, task.from)
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
      ...(task.careful ? { beforeDocument: (id) => void line.tell({ type: 'document', id }) } : {}),
      ...(task.careful || task.alone ? {} : { handOver: handOverBy(line) }),
    },
    items,
    async (segment) => {
      const record: SegmentRecord = { ...segment, chain }
      await writeRecord(plan.storage, task.folder, record)
      await line.tell({ type: 'segment', record })
    },
    written,
  )
}

/** Hands batches over to idle workers, through the main process. */
function handOverBy(line: TaskLine<RunProtocol>): HandOver {
  return async (batch) => {
    const { answer: permission } = await line.ask({ type: 'may-hand-over' })
    if ((await permission) !== true) return undefined
    const { answer } = await line.ask({ type: 'hand-over', batch })
    return { outcome: answer as Promise<Judgement | undefined> }
  }
}

async function rechain(plan: Plan, task: RechainTask) {
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
