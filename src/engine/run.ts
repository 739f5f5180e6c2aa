import { join } from 'node:path'
import type { Partition } from '../core/connector.ts'
import { EtlError } from '../core/errors.ts'
import type { RunReport } from '../core/report.ts'
import { takeLock } from '../files/lock.ts'
import { type WorkerPool, workerPool } from '../workers/pool.ts'
import { workerProcess } from '../workers/process.ts'
import { contaminationInputs } from './contamination/benchmarks.ts'
import { openBases } from './corpus/base-corpus.ts'
import { deduplicate } from './dedup/dedup.ts'
import type { OnEvent } from './events.ts'
import { outputProblem } from './output.ts'
import { listPartitions, manifestProblems } from './partitions.ts'
import { throwProblems } from './plan/check.ts'
import { openManifest, openPlan } from './plan/open-plan.ts'
import type { Plan } from './plan/plan.ts'
import type { Registry } from './plan/registry.ts'
import { progressEvent, throttled, type WarningLog, warningLog } from './progress.ts'
import { discardOtherPublication, finishPlacing, placeCorpus } from './publish/move-into-place.ts'
import { publish } from './publish/publish.ts'
import { buildReport } from './report/run-report.ts'
import { type ReportOptions, writeReport } from './report/write-report.ts'
import { removeOtherSources, writeJson } from './segments/work-folder.ts'
import { type StagedSource, stageSources } from './stage/stage.ts'
import type { RunProtocol } from './tasks.ts'

/** Everything a run needs besides its manifest. */
export interface RunOptions extends ReportOptions {
  /** Built-in components; those of the manifest's plug-ins are added to them. */
  readonly registry: Registry
  /** Entry script of a worker process. */
  readonly workerScript: string
  readonly workers: number
  readonly signal: AbortSignal
  readonly onEvent: OnEvent
  /** Use only the segments in the work folder. A source that would have to be read is an error. */
  readonly withoutReading?: boolean
  /** Renderers of the report, by the name of the file they fill. */
  readonly views: Readonly<Record<string, (report: RunReport) => string>>
}

type RunPool = WorkerPool<RunProtocol>

/**
 * Runs a manifest: plans, stages, deduplicates, publishes and reports. A repeated run resumes where
 * the last one stopped. Throws `manifest-invalid` with all problems of the manifest and its inputs,
 * and `strict-failure` or `contamination-above-limit` after the corpus has been published.
 */
export async function runManifest(path: string, options: RunOptions): Promise<RunReport> {
  const started = performance.now()
  const { raw, validation } = await openManifest(path, options.registry)
  if ('problems' in validation) throwProblems(path, await manifestProblems(validation))
  const { manifest } = validation
  const foreign = await outputProblem(manifest.output)
  if (foreign !== undefined)
    throw new EtlError('output-foreign', { where: manifest.output, what: foreign })
  const release = await takeLock(join(manifest.output, '.work', 'lock'))
  const warnings = warningLog(options.onEvent)
  const pool = workerPool<RunProtocol>({
    start: workerProcess(options.workerScript),
    setup: { manifest: raw, path: manifest.path },
    size: options.workers,
    watchdogMs: manifest.limits.watchdogMs,
    onWarning: warnings.add,
  })
  const stop = (): void => void pool.close()
  options.signal.addEventListener('abort', stop, { once: true })
  try {
    options.onEvent({ type: 'phase', phase: 'plan' })
    const plan = await openPlan(manifest, {
      signal: options.signal,
      warn: warnings.add,
    })
    for (const { name, component } of manifest.sources) {
      if (component.notice)
        options.onEvent({ type: 'notice', source: name, message: component.notice })
    }
    const report = await runPlan(plan, pool, options, warnings, raw)
    const seconds = (performance.now() - started) / 1000
    await writeJson(
      plan.storage,
      join(manifest.output, 'run.json'),
      runFacts(options, seconds, warnings),
    )
    options.onEvent({ type: 'done', report, output: manifest.output, seconds })
    return report
  } finally {
    options.signal.removeEventListener('abort', stop)
    await pool.close()
    await release()
  }
}

async function runPlan(
  plan: Plan,
  pool: RunPool,
  options: RunOptions,
  warnings: WarningLog,
  raw: unknown,
): Promise<RunReport> {
  const { manifest, storage } = plan
  const publishFolder = join(plan.work, 'publish')
  await finishPlacing(storage, publishFolder, manifest.output)

  const partitions = await listPartitions(plan, options.withoutReading === true)
  const bases = await openBases(plan)
  await contaminationInputs(plan)
  options.onEvent({ type: 'phase', phase: 'stage' })
  const staged = await stageAll(plan, partitions, pool, options, warnings)

  options.onEvent({ type: 'phase', phase: 'dedup' })
  const segments = staged.flatMap((source) => source.segments)
  const deduplicated = await deduplicate({
    plan,
    pool,
    segments,
    bases,
    documents: staged.reduce((sum, { kept }) => sum + kept, 0),
    workers: options.workers,
    signal: options.signal,
    warn: (message) => warnings.add('', message),
    progress: (share, label) =>
      options.onEvent(progressEvent('dedup', label, share * 100, 100, 'percent')),
  })

  options.onEvent({ type: 'phase', phase: 'publish' })
  await discardOtherPublication(plan, publishFolder, deduplicated.folder)
  const published = await publish({
    plan,
    pool,
    segments: staged.map((source) => source.segments),
    removals: deduplicated.folder,
    folder: publishFolder,
    progress: (done, total, label) =>
      options.onEvent(progressEvent('publish', label, done, total, 'shards')),
  })

  options.onEvent({ type: 'phase', phase: 'report' })
  const report = await buildReport(plan, staged, published, deduplicated, options.version)
  await writeReport(plan, publishFolder, report, published, bases, raw, options)
  await placeCorpus(storage, publishFolder, manifest.output)
  await removeOtherSources(plan)
  failIfAsked(plan, report, staged)
  return report
}

async function stageAll(
  plan: Plan,
  partitions: readonly (readonly Partition[])[],
  pool: RunPool,
  options: RunOptions,
  warnings: WarningLog,
): Promise<StagedSource[]> {
  let [total, done, documents, bytes, resumedDocuments, resumedSegments] = [0, 0, 0, 0, 0, 0]
  const emit = throttled(200, () =>
    options.onEvent({ ...progressEvent('stage', '', done, total, 'bytes'), documents, bytes }),
  )
  const staged = await stageSources({
    plan,
    partitions,
    pool,
    withoutReading: options.withoutReading === true,
    listener: {
      onPlanned(planned) {
        total += planned
      },
      onPartition(size) {
        done += size
        emit()
      },
      onSegment({ counts }, resumed) {
        documents += counts.documents
        bytes += counts.bytes
        if (resumed) {
          resumedDocuments += counts.documents
          resumedSegments++
        }
        emit()
      },
      onWarning: (message) => warnings.add('', message),
    },
  })
  if (resumedSegments > 0) {
    options.onEvent({ type: 'resumed', documents: resumedDocuments, segments: resumedSegments })
  }
  for (const { problems } of staged)
    for (const problem of problems) options.onEvent({ type: 'warning', message: problem })
  return staged
}

/**
 * Fails the run if contamination exceeds its limit or, with `strict`, if there are alarms or
 * damaged inputs. Everything is published by then, but the command does not succeed.
 */
function failIfAsked({ manifest }: Plan, report: RunReport, staged: readonly StagedSource[]): void {
  const contaminated = report.alarms
    .filter(({ code }) => code === 'contamination')
    .map(({ message }) => message)
  if (contaminated.length > 0) {
    throw new EtlError('contamination-above-limit', {
      where: manifest.path,
      what: contaminated.join('; '),
    })
  }
  const reasons = [
    ...report.alarms.map(({ message }) => message),
    ...staged.flatMap(({ problems }) => problems),
  ]
  if (!manifest.strict || reasons.length === 0) return
  throw new EtlError('strict-failure', { where: manifest.path, what: reasons.join('; ') })
}

function runFacts({ version, workers }: RunOptions, seconds: number, { messages }: WarningLog) {
  const { platform, arch, versions } = process
  const peakBytes = process.resourceUsage().maxRSS * 1024
  return {
    finished: new Date().toISOString(),
    seconds: Number(seconds.toFixed(3)),
    workers,
    mainProcessPeakBytes: peakBytes,
    warnings: [...messages],
    version,
    node: versions.node,
    platform,
    arch,
  }
}
