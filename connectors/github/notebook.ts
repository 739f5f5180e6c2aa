import { z } from 'zod'

const source = z.union([z.string(), z.array(z.string()).transform((lines) => lines.join(''))])
const notebook = z.object({
  cells: z.array(z.object({ cell_type: z.string(), source })),
  metadata: z
    .object({ language_info: z.object({ name: z.string() }).partial() })
    .partial()
    .optional(),
})

/**
 * The cells of a Jupyter notebook as Markdown: text unchanged, code fenced, outputs and images
 * dropped. Returns undefined if the JSON is not a notebook.
 */
export function notebookText(json: string): string | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(json)
  } catch {
    return undefined
  }
  const result = notebook.safeParse(parsed)
  if (!result.success) return undefined
  const language = result.data.metadata?.language_info?.name ?? 'python'
  const parts = result.data.cells.map(({ cell_type: type, source: text }) => {
    if (type !== 'code') return text.trim()
    return text.trim() === '' ? '' : `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``
  })
  return parts.filter(Boolean).join('\n\n')
}
