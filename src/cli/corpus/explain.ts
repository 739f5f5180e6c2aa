import { type DocumentStory, explainDocument } from '../../index.ts'
import { paint, plainLine } from '../terminal/terminal.ts'
import { limitsText } from './limits.ts'

/** `etl explain <id>` */
export async function run(
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const stories = await explainDocument(String(options.corpus), args[0] ?? '')
  if (options.json === true) process.stdout.write(`${JSON.stringify(stories)}\n`)
  else process.stdout.write(stories.map(storyText).join('\n'))
  return 0
}

function storyText(story: DocumentStory): string {
  const { id, split, removed, values, limits, notRun, survives } = story
  const fate = split ? `published in ${split}` : `removed by ${removed?.filter}: ${removed?.reason}`
  const head = paint('bold', plainLine(id), process.stdout)
  const lines = [`${head}  ${paint(split ? 'green' : 'yellow', fate, process.stdout)}`]
  if (removed?.survivor)
    lines.push(`  in favour of ${plainLine(removed.survivor)}, similarity ${removed.similarity}`)
  const width = Math.max(...Object.keys(values).map((name) => name.length))
  for (const [name, value] of Object.entries(values)) {
    const text = `${name.padEnd(width)}  ${plainLine(String(value))}`
    lines.push(`  ${text}${limitsText(value, limits[name] ?? [])}`)
  }
  if (notRun.length > 0) lines.push(`  not measured, being removed before: ${notRun.join(', ')}`)
  for (const other of survives)
    lines.push(`  kept instead of ${plainLine(other.id)}, similarity ${other.similarity}`)
  return `${lines.join('\n')}\n`
}
