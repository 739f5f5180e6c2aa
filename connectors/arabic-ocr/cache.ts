import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { z } from 'zod'
import { canonicalJson } from '../../src/core/canonical-json.ts'
import type { Context } from '../../src/core/component.ts'
import type { Json } from '../../src/core/document.ts'
import type { Recognised } from './read-page.ts'

const recognised = z.strictObject({
  lines: z.array(z.strictObject({ text: z.string(), indent: z.number(), shortfall: z.number() })),
  confidences: z.array(z.number()),
  turned: z.boolean(),
})

/** Recognition results kept in files, so that no page is recognised twice. */
export interface PageCache {
  /** The cached result for a page; undefined if it is missing or damaged. */
  get(file: string, page: number): Promise<Recognised | undefined>
  put(file: string, page: number, result: Recognised): Promise<void>
}

/**
 * A cache in `context.cache`, keyed by the SHA-256 of the file, the page number and the settings
 * that affect the result.
 */
export function pageCache({ cache, storage }: Context, settings: Json): PageCache {
  const pathOf = (file: string, page: number): string => {
    const key = createHash('sha256').update(canonicalJson({ file, page, settings })).digest('hex')
    return join(cache, 'arabic-ocr', key.slice(0, 2), `${key}.json`)
  }
  return {
    async get(file, page) {
      const path = pathOf(file, page)
      if (!(await storage.stat(path))) return undefined
      const handle = await storage.open(path)
      try {
        const text = new TextDecoder().decode(await handle.read(0, handle.size))
        return recognised.safeParse(parse(text)).data
      } finally {
        await handle.close()
      }
    },
    async put(file, page, result) {
      const handle = await storage.create(pathOf(file, page))
      try {
        await handle.write(new TextEncoder().encode(canonicalJson(recognised.parse(result))))
        await handle.commit()
      } finally {
        await handle.abort()
      }
    },
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
