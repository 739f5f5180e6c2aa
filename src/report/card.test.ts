import { describe, expect, it } from 'vitest'
import { renderCard } from './card.ts'
import { SAMPLE_REPORT } from './testing/sample-report.ts'

const card = renderCard(SAMPLE_REPORT)

describe('the dataset card', () => {
  it('begins with the front matter that dataset hubs read', () => {
    const [, front] = card.split('---\n')
    expect(front).toBe(
      [
        'pretty_name: "sample"',
        'language:\n- ar\n- en',
        'license:\n- cc-by-sa-4.0\n- other',
        'task_categories:\n- text-generation',
        'size_categories:\n- n<1K',
        'configs:\n- config_name: default\n  data_files:\n  - split: train\n    path: train/*.arrow\n',
      ].join('\n'),
    )
  })

  it('escapes text from the input: it adds no tag, link or table cell', () => {
    const body = card.slice(card.indexOf('\n---\n') + 5)
    const outsideCode = body.replace(/`[^`\n]*`/g, '')
    expect(outsideCode).not.toMatch(/<[a-z/!]/i)
    expect(body).toContain('&lt;script&gt;')
    for (const table of body.match(/(?:^\|.*\n)+/gm) ?? []) {
      const widths = table
        .trim()
        .split('\n')
        .map((line) => line.replace(/\\\|/g, '').split('|').length)
      expect(new Set(widths).size).toBe(1)
    }
  })

  it('lists every reason with its count', () => {
    expect(card).toContain('| language | langid | 10 |')
    expect(card).toContain('| malformed-row | source | 4 |')
  })
})
