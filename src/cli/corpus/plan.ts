import { planRun } from '../../index.ts'
import { count, size, table } from '../terminal/terminal.ts'

/** `etl plan <manifest>` */
export async function run(
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const plan = await planRun(args[0] ?? '')
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(plan)}\n`)
    return 0
  }
  const rows = [['source', 'type', 'partitions', 'input', 'filters']]
  for (const { name, type, partitions, filters } of plan.sources) {
    const bytes = partitions.reduce((sum, partition) => sum + partition.bytes, 0)
    rows.push([name, type, count(partitions.length), size(bytes), filters.join(' → ')])
  }
  process.stdout.write(`${table(rows)}\n\n${plan.name} is published to ${plan.output}\n`)
  return 0
}
