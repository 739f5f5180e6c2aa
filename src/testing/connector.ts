import { describe, expect, it } from 'vitest'
import type { z } from 'zod'
import { canonicalJson } from '../core/canonical-json.ts'
import type { Context } from '../core/component.ts'
import type { Connector, ConnectorComponent, Cursor, Item, Partition } from '../core/connector.ts'
import { testContext } from './context.ts'

export interface ConnectorCase<Options extends z.ZodObject> {
  readonly component: ConnectorComponent<Options>
  /** Absolute folder that relative paths in the options start from. */
  readonly folder: string
  /** Options to test with; the component's own example by default. */
  readonly options?: z.input<Options>
  /** Number of cursors to try, evenly spread; all by default. */
  readonly cursors?: number
}

/**
 * The contract every connector keeps: valid example, same partitions and items on every read, no
 * gap and no repeat from any cursor, cursors that survive JSON, partition keys fit for file names,
 * grouping that accounts for every record, and an early stop that leaves nothing running.
 *
 * @example In a vitest file beside the connector:
 * ```ts
 * testConnector({ component: diary, folder: import.meta.dirname })
 * ```
 */
export function testConnector<Options extends z.ZodObject>(input: ConnectorCase<Options>): void {
  const { component, folder } = input
  const make = async (context: Context = testContext(folder)): Promise<Connector> =>
    component.create(component.options.parse(input.options ?? component.example), context)

  describe(`connector contract: ${component.name}`, () => {
    it('has a strict schema that accepts its own example and describes every option', () => {
      expect(component.options.safeParse(component.example).error).toBeUndefined()
      expect(component.options.safeParse({ ...component.example, surprise: 1 }).success).toBe(false)
      for (const [name, schema] of Object.entries(component.options.shape)) {
        expect((schema as z.ZodType).description, `description of option ${name}`).toBeTruthy()
      }
    })

    it('yields the same partitions and the same items on every read', async () => {
      const first = await readAll(await make())
      const second = await readAll(await make())
      expect(first.length).toBeGreaterThan(0)
      expect(second).toEqual(first)
    })

    it('gives partitions unique keys that are valid folder names', async () => {
      const partitions = await collect((await make()).partitions())
      const keys = partitions.map((partition) => partition.key)
      expect(new Set(keys).size).toBe(keys.length)
      for (const key of keys) expect(key).toMatch(/^[\w.-]+(\/[\w.-]+)*$/)
      expect(JSON.parse(JSON.stringify(partitions))).toEqual(partitions)
    })

    it('resumes from every cursor without a gap or a repeat', async () => {
      const connector = await make()
      for (const partition of await collect(connector.partitions())) {
        const items = await readItems(connector, partition)
        const step = Math.max(1, Math.floor(items.length / (input.cursors ?? items.length)))
        for (let index = 0; index < items.length; index += step) {
          const cursor = JSON.parse(JSON.stringify(items[index]?.cursor)) as Cursor
          const rest = await readItems(await make(), partition, cursor)
          expect(content(rest), `after item ${index} of ${partition.key}`).toEqual(
            content(items.slice(index + 1)),
          )
        }
      }
    })

    it('accounts for every record it groups', async () => {
      const connector = await make()
      const { grouping } = connector
      if (!grouping) return
      const groups = new Map<string, Record<string, never>[]>()
      for (const partition of await collect(connector.partitions())) {
        for (const item of await readItems(connector, partition)) {
          if (!('record' in item)) continue
          const record = JSON.parse(JSON.stringify(item.record))
          const key = grouping.key(record)
          groups.set(key, [...(groups.get(key) ?? []), record])
        }
      }
      for (const [key, records] of groups) {
        const results = [...grouping.assemble(records)]
        const items = results.reduce(
          (sum, one) => sum + ('document' in one ? (one.document.items ?? 1) : 1),
          0,
        )
        expect(items, `items of group ${key}`).toBe(records.length)
        expect(describeResults(results)).toBe(describeResults([...grouping.assemble(records)]))
      }
    })

    it('stops when the reader stops and when it is aborted', async () => {
      const connector = await make()
      for (const partition of await collect(connector.partitions())) {
        for await (const _ of connector.read(partition)) break
        break
      }
      const controller = new AbortController()
      controller.abort(new Error('stopped by the test'))
      const aborted = await make({ ...testContext(folder), signal: controller.signal })
      const reading = (async () => {
        for (const partition of await collect(aborted.partitions()))
          await readItems(aborted, partition)
      })()
      await reading.catch((error: unknown) =>
        expect(String(error)).toMatch(/stopped by the test|abort/i),
      )
    })
  })
}

/** Everything an async iterable yields. */
export async function collect<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of iterable) all.push(one)
  return all
}

/** The items of one partition, without progress items. */
export async function readItems(
  connector: Connector,
  partition: Partition,
  from?: Cursor,
): Promise<Item[]> {
  const items = await collect(connector.read(partition, from))
  return items.filter((item) => !('progress' in item))
}

/** Every item of every partition as a JSON line, for comparing reads. */
export async function readAll(connector: Connector): Promise<string[]> {
  const lines: string[] = []
  for await (const partition of connector.partitions()) {
    lines.push(
      ...content(await readItems(connector, partition)).map((line) => `${partition.key} ${line}`),
    )
  }
  return lines
}

function content(items: readonly Item[]): string[] {
  return items.map(({ cursor: _, ...item }) => canonicalJson(textOf(item)))
}

function describeResults(results: readonly unknown[]): string {
  return results.map((result) => canonicalJson(textOf(result))).join('\n')
}

/** The same value with bytes decoded to strings, so that it can be printed and compared. */
function textOf(value: unknown): unknown {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value)
  if (Array.isArray(value)) return value.map(textOf)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, textOf(inner)]))
}
