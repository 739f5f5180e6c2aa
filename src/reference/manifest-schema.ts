import { z } from 'zod'
import type { ConnectorComponent } from '../core/connector.ts'
import type { AnyFilterComponent } from '../core/filter.ts'
import { entrySchema } from '../engine/plan/check.ts'
import { filterEntry, manifestSchema, sourceEntry } from '../engine/plan/manifest.ts'

type JsonSchema = Readonly<Record<string, unknown>>

/**
 * The JSON Schema of a manifest, for editors. It has the rules that `etl check` applies, except
 * those between entries. Modules in `plugins` may add types that it does not know.
 */
export function manifestJsonSchema(
  connectors: readonly ConnectorComponent[],
  filters: readonly AnyFilterComponent[],
): JsonSchema {
  const shell = jsonSchema(manifestSchema)
  const { $schema, properties, ...rest } = shell as JsonSchema & {
    readonly properties: Record<string, JsonSchema>
  }
  const entries = (key: string, components: readonly { readonly name: string }[]): JsonSchema => ({
    ...properties[key],
    items: {
      type: 'object',
      required: ['type'],
      properties: { type: { enum: components.map(({ name }) => name) } },
      // With `if`, an editor shows the mistakes of the chosen type only, not those of all types.
      allOf: components.map(({ name }) => ({
        if: { properties: { type: { const: name } } },
        // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
        then: { $ref: `#/$defs/${key}-${name}` },
      })),
    },
  })
  const defs = [
    ...connectors.map((component) => [
      `sources-${component.name}`,
      jsonSchema(entrySchema(component, sourceEntry)),
    ]),
    ...filters.map((component) => [
      `filters-${component.name}`,
      jsonSchema(entrySchema(component, filterEntry)),
    ]),
  ]
  return {
    $schema,
    title: 'cosmos-etl manifest',
    ...rest,
    properties: {
      ...properties,
      sources: entries('sources', connectors),
      filters: entries('filters', filters),
    },
    $defs: Object.fromEntries(
      defs.map(([name, schema]) => [name, withoutDialect(schema as JsonSchema)]),
    ),
  }
}

const jsonSchema = (schema: z.ZodObject): JsonSchema =>
  z.toJSONSchema(schema, { io: 'input' }) as JsonSchema

function withoutDialect({ $schema, ...schema }: JsonSchema): JsonSchema {
  return schema
}
