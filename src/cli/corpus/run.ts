import { relative } from 'node:path'
import { type RunReport, runCorpus, SPLITS } from '../../index.ts'
import { wholeNumber } from '../terminal/arguments.ts'
import { progressDisplay } from '../terminal/progress.ts'
import { stoppable } from '../terminal/stoppable.ts'
import { count, duration, paint, size, table } from '../terminal/terminal.ts'

/**
 * Runs a manifest until it is finished or stopped with Ctrl-C. `refilter` runs it without reading.
 */
export async function runCommand(
  manifest: string,
  options: Readonly<Record<string, unknown>>,
  refilter: boolean,
): Promise<number> {
  const asJson = options.json === true
  const display = progressDisplay(asJson)
  let finished: { output: string; seconds: number } | undefined
  const onStop = (): void => {
    display.end()
    if (!asJson) process.stderr.write('stopping; press Ctrl-C again to stop at once\n')
  }
  try {
    const report = await stoppable(
      (signal) =>
        runCorpus(manifest, {
          ...(options.workers === undefined
            ? {}
            : { workers: wholeNumber('--workers', options.workers, 1) }),
          signal,
          refilter,
          onEvent: (event) => {
            if (event.type === 'done') finished = event
            display.onEvent(event)
          },
        }),
      onStop,
    )
    display.end()
    if (!asJson && finished)
      process.stdout.write(summary(report, finished.output, finished.seconds))
    return 0
  } finally {
    display.end()
  }
}

/**
 * What a finished run prints: a line per source, the reasons for removals, and the path of the
 * report.
 */
function summary(report: RunReport, output: string, seconds: number): string {
  const rows = [['source', 'read', 'skipped', 'dropped', 'published', 'text']]
  for (const { source, read, skipped, dropped, published } of report.sources) {
    const total = (values: readonly { readonly items: number }[]) =>
      values.reduce((sum, { items }) => sum + items, 0)
    const out = Object.values(published)
    const bytes = out.reduce((sum, split) => sum + split.bytes, 0)
    rows.push([
      source,
      count(read),
      count(total(skipped)),
      count(total(dropped)),
      count(total(out)),
      size(bytes),
    ])
  }
  const reasons = new Map<string, number>()
  for (const { dropped } of report.sources) {
    for (const { filter, reason, documents } of dropped) {
      const key = `${filter}: ${reason}`
      reasons.set(key, (reasons.get(key) ?? 0) + documents)
    }
  }
  const why = [...reasons]
    .sort(([, a], [, b]) => b - a)
    .map(([key, documents]) => [`  ${key}`, count(documents)])
  const splits = SPLITS.map((split) => `${split} ${count(report.splits[split].documents)}`).join(
    ' · ',
  )
  const place = relative(process.cwd(), output) || '.'
  return [
    '',
    table(rows),
    '',
    ...(why.length > 0 ? ['removed documents', table(why), ''] : []),
    `${splits} documents in ${report.shards.length} shards, ${duration(seconds)}`,
    ...report.alarms.map(({ message }) => `${paint('yellow', 'alarm', process.stdout)} ${message}`),
    `${place}/report.html`,
    '',
  ].join('\n')
}

/** `etl run <manifest>` */
export function run(
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  return runCommand(args[0] ?? '', options, false)
}
