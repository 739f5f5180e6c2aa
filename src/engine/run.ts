import { join } from 'node:path'
import type { Partition } from '../core/connector.ts'
import { EtlError } from '../core/errors.ts'
import type { RunReport } from '../core/report.ts'
import { type WorkerPool, workerPool } from '../workers/pool.ts'
import { workerProcess } from '../workers/process.ts'
import { contaminationInputs } from './contamination/benchmarks.ts'
import { type BaseCorpus, openBases } from './corpus/base-corpus.ts'
import { settle } from './dedup/dedup.ts'
import type { OnEvent, Phase } from './events.ts'
import { takeLock } from './lock.ts'
import { listPartitions, manifestProblems } from './partitions.ts'
import { throwProblems } from './plan/check.ts'
import { openManifest, openPlan } from './plan/open-plan.ts'
import type { Plan } from './plan/plan.ts'
import type { Registry } from './plan/registry.ts'
import { finishPlacing, placeCorpus } from './publish/move-into-place.ts'
import { type Published, publish } from './publish/publish.ts'
import { buildReport } from './report/run-report.ts'
import { sourceFolder, topFolder, writeJson, writeText } from './segments/work-folder.ts'
import { type StagedSource, stageSources } from './stage/stage.ts'
import type { RunProtocol } from './tasks.ts'

export interface RunOptions {
  /** Built-in components; the manifest's plug-ins are added. */
  readonly registry: Registry
  /** Script that worker processes run. */
  readonly workerScript: string
  readonly workers: number
  readonly signal: AbortSignal
  readonly onEvent: OnEvent
  /** Version of the package, recorded in `corpus.json`. */
  readonly version: string
  /** Apply the manifest to what is in the work folder; reading a source is an error. */
  readonly withoutReading?: boolean
  /** Views of the report, by file name. */
  readonly views: Readonly<Record<string, (report: RunReport) => string>>
}

type RunPool = WorkerPool<RunProtocol>

/**
 * Plans, stages, deduplicates, publishes and reports. Running it again goes on where it stopped.
 */
export async function runManifest(path: string, options: RunOptions): Promise<RunReport> {
  const started = performance.now()
  const { raw, validation } = await openManifest(path, options.registry)
  if ('problems' in validation) throwProblems(path, await manifestProblems(validation))
  const { manifest } = validation
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
  const settled = await settle({
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
  await discardOtherPublication(plan, publishFolder, settled.folder)
  const published = await publish({
    plan,
    pool,
    segments: staged.map((source) => source.segments),
    removals: settled.folder,
    folder: publishFolder,
    progress: (done, total, label) =>
      options.onEvent(progressEvent('publish', label, done, total, 'shards')),
  })

  options.onEvent({ type: 'phase', phase: 'report' })
  const report = await buildReport(plan, staged, published, settled, options.version)
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

/** Throws away what an earlier try published of another manifest or other decisions. */
async function discardOtherPublication(
  { storage, fingerprint }: Plan,
  folder: string,
  settled: string,
): Promise<void> {
  const markerPath = `${folder}.facts/for.json`
  const marker = `${JSON.stringify({ fingerprint, settled: settled.split('/').at(-1) }, undefined, 2)}\n`
  const info = await storage.stat(markerPath)
  if (info) {
    const handle = await storage.open(markerPath)
    const found = new TextDecoder().decode(
      await handle.read(0, handle.size).finally(() => handle.close()),
    )
    if (found === marker) return
  }
  await storage.remove(folder)
  await storage.remove(`${folder}.facts`)
  await writeText(storage, markerPath, marker)
}

async function writeReport(
  plan: Plan,
  folder: string,
  report: RunReport,
  published: Published,
  bases: readonly BaseCorpus[],
  raw: unknown,
  { views, version }: RunOptions,
): Promise<void> {
  const { storage } = plan
  await Promise.all([
    ...report.sources.map((source) =>
      writeJson(storage, join(folder, 'reports', `${source.source}.json`), source),
    ),
    writeJson(storage, join(folder, 'report.json'), report),
    ...Object.entries(views).map(([name, render]) =>
      writeText(storage, join(folder, name), render(report)),
    ),
  ])
  await writeJson(storage, join(folder, 'corpus.json'), {
    schema: 1,
    name: report.name,
    description: report.description,
    version,
    fingerprint: plan.fingerprint,
    deterministic: report.deterministic,
    base: bases.map(({ name, fingerprint }) => ({ name, fingerprint })),
    sketches: Object.fromEntries(plan.corpusSteps.map(({ name, sketchKey }) => [name, sketchKey])),
    splits: report.splits,
    shards: published.shards,
    files: published.others,
    manifest: raw,
  })
}

/**
 * Once a corpus is published, segments of sources it does not have, or has read differently, are of
 * no use.
 */
async function removeOtherSources({ storage, work, sources }: Plan): Promise<void> {
  const wanted = new Set(sources.map((source) => sourceFolder(work, source)))
  const folder = join(work, 'stage')
  const found = new Set(
    (await storage.find(folder)).map(({ path }) => join(folder, topFolder(folder, path))),
  )
  for (const path of found) if (!wanted.has(path)) await storage.remove(path)
}

/**
 * Contamination above its limit fails a run and, with `strict`, so do alarms and damaged inputs:
 * everything is published, but the command does not succeed.
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

function progressEvent(
  phase: Phase,
  label: string,
  done: number,
  total: number,
  unit: 'bytes' | 'shards' | 'percent',
) {
  return { type: 'progress', phase, label, done, total, unit, documents: 0, bytes: 0 } as const
}

interface WarningLog {
  add(source: string, message: string): void
  readonly messages: ReadonlySet<string>
}

/**
 * Says every message once. Warnings depend on what this very run had to do, so they go to run.json,
 * not to reports.
 */
function warningLog(onEvent: OnEvent): WarningLog {
  const messages = new Set<string>()
  return {
    add(source, message) {
      const text = source ? `${source}: ${message}` : message
      if (messages.has(text)) return
      messages.add(text)
      onEvent({ type: 'warning', message: text })
    },
    messages,
  }
}

/** A function that calls `act` at most once in so many milliseconds. */
function throttled(milliseconds: number, act: () => void): () => void {
  let last = Number.NEGATIVE_INFINITY
  return () => {
    if (performance.now() - last < milliseconds) return
    last = performance.now()
    act()
  }
}
