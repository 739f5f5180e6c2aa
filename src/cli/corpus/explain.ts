import { type DocumentStory, explainDocument, type Judgement } from '../../index.ts'
import { paint, plainLine } from '../terminal/terminal.ts'
import { judgementsText, limitsText, ruleText, valueText } from './judgements.ts'

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
  const { id, split, removed, values, notRun, survives } = story
  const rule = ruleText(story.judgements[removed?.filter ?? ''])
  const fate = split
    ? `published in ${split}`
    : `removed by ${removed?.filter}: ${removed?.reason}${rule}`
  const head = paint('bold', plainLine(id), process.stdout)
  const lines = [`${head}  ${paint(split ? 'green' : 'yellow', fate, process.stdout)}`]
  if (removed?.survivor)
    lines.push(`  in favour of ${plainLine(removed.survivor)}, similarity ${removed.similarity}`)
  const judged = byMeasure(story)
  const width = Math.max(...[...Object.keys(values), ...judged.keys()].map(({ length }) => length))
  for (const [name, value] of Object.entries(values)) {
    const limits = limitsText(value, story.limits[name] ?? [])
    const text = judgementsText(judged.get(name) ?? [])
    lines.push(`  ${name.padEnd(width)}  ${plainLine(String(value))}${text}${limits}`)
  }
  for (const [name, judgements] of judged)
    for (const one of name in values ? [] : judgements)
      lines.push(`  ${name.padEnd(width)}  ${valueText(one.value)}${judgementsText([one])}`)
  if (notRun.length > 0) lines.push(`  not measured, being removed before: ${notRun.join(', ')}`)
  for (const other of survives)
    lines.push(`  kept instead of ${plainLine(other.id)}, similarity ${other.similarity}`)
  return `${lines.join('\n')}\n`
}

/** Judgements by the full name of their measure, such as `langid.probability`. */
function byMeasure({ judgements }: DocumentStory): ReadonlyMap<string, readonly Judgement[]> {
  const found = new Map<string, Judgement[]>()
  for (const [filter, made] of Object.entries(judgements))
    for (const one of made) {
      const name = `${filter}.${one.measure}`
      found.set(name, [...(found.get(name) ?? []), one])
    }
  return found
}
