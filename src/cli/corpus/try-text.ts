import type { Judgement, Trial, Tried } from '../../index.ts'
import { characterStart, excerpt } from '../terminal/excerpt.ts'
import { paint, plain, plainLine } from '../terminal/terminal.ts'
import { comparisonText, judgementsText, limitsText, ruleText, valueText } from './judgements.ts'

/** The verdict with the rule that fired, every measure with its judgements, and changed lines. */
export function trialText({ filter }: Tried, trial: Trial): string {
  const { verdict, reason, judgements = [], limits, lang, measures, before, after } = trial
  const fate = reason === undefined ? verdict : `${verdict}: ${reason}${ruleText(judgements)}`
  const head = paint(reason === undefined ? 'green' : 'yellow', fate, process.stdout)
  const lines = [`${paint('bold', filter, process.stdout)}  ${head}`]
  const others = judgements.filter(({ measure }) => !(measure in measures))
  const names = [...Object.keys(measures), ...others.map(({ measure }) => measure)]
  const width = Math.max(0, ...names.map(({ length }) => length))
  const add = (name: string, text: string): void =>
    void lines.push(`  ${name.padEnd(width)}  ${text}`)
  if (lang !== '' && !('language' in measures)) add('(language)', plainLine(lang))
  for (const [name, value] of Object.entries(measures)) {
    const own = (one: { readonly measure: string }): boolean => one.measure === name
    const drawn = trial.judgements ? '' : limitsText(value, limits.filter(own))
    add(name, `${valueText(value)}${judgementsText(judgements.filter(own))}${drawn}`)
  }
  for (const one of others) add(one.measure, `${valueText(one.value)}${judgementsText([one])}`)
  return [...lines, ...changedLines(before, after), ''].join('\n')
}

const MOST_CHANGES = 40
/** Code units shown of a changed line, and of what stands around the change. */
const MOST_SHOWN = 160
const AROUND = 40

/** Lines that the filter changed: as they were, then as they are. */
function changedLines(before: string, after: string): string[] {
  if (before === after) return []
  const [old, renewed] = [before.split('\n'), after.split('\n')]
  const [gone, added] = [without(old, renewed), without(renewed, old)]
  const shown: string[] = []
  const show = (sign: '-' | '+', text: string): void =>
    void shown.push(paint(sign === '-' ? 'red' : 'green', `${sign} ${text}`, process.stdout))
  const isReplaced = gone.length === added.length
  for (const [i, line] of gone.slice(0, MOST_CHANGES).entries()) {
    const [from, to] = isReplaced ? changed(line, added[i] ?? '') : [line, ''].map(lineStart)
    show('-', from ?? '')
    if (isReplaced) show('+', to ?? '')
  }
  if (!isReplaced) for (const line of added.slice(0, MOST_CHANGES)) show('+', lineStart(line))
  const rest =
    Math.max(0, gone.length - MOST_CHANGES) +
    (isReplaced ? 0 : Math.max(0, added.length - MOST_CHANGES))
  return [...shown, ...(rest > 0 ? [`… ${rest} more`] : [])]
}

const lineStart = (line: string): string => excerpt(line, 0, MOST_SHOWN)

/** The same place of a line before and after it was changed. */
function changed(before: string, after: string): [string, string] {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start++
  let end = 0
  while (end < shorter - start && before.at(-1 - end) === after.at(-1 - end)) end++
  const part = (line: string): string => {
    const from = start - AROUND
    return excerpt(line, from, Math.min(line.length - end + AROUND, from + MOST_SHOWN))
  }
  return [part(before), part(after)]
}

/** Lines of one text that the other has not, each as often as it is missing. */
function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>()
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1)
  return lines.filter((line) => {
    const count = left.get(line) ?? 0
    left.set(line, count - 1)
    return count <= 0
  })
}

const REPORTED = 2000

/** Markdown for an issue: what was tried, what was found, and the start of the text. */
export function reportText({ filter, version, options }: Tried, trial: Trial): string {
  const { verdict, reason, measures, judgements = [], before } = trial
  const judged = (name: string): string =>
    judgements
      .flatMap((one: Judgement) => (one.measure === name ? [comparisonText(one)] : []))
      .join('; ')
  const together = judgements.filter(({ measure }) => !(measure in measures))
  const rows = [
    ...Object.entries(measures),
    ...together.map(({ measure, value }) => [measure, value] as const),
  ].map(([name, value]) => `| ${name} | ${valueText(value)} | ${judged(name)} |`)
  const text = plain(before.slice(0, characterStart(before, REPORTED)))
  const fence = '`'.repeat(Math.max(3, ...(text.match(/`+/g) ?? []).map((run) => run.length + 1)))
  return `<!-- Read the text below again: paste nothing private. -->
**${filter}** version ${version}: ${verdict}${reason === undefined ? '' : `, ${reason}${ruleText(judgements)}`}. Expected: …

Options: \`${JSON.stringify(options)}\`

| measure | value | judged |
| --- | --- | --- |
${rows.join('\n')}

${fence}text
${text}${text.length < before.length ? '…' : ''}
${fence}
`
}
