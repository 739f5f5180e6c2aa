import { z } from 'zod'

/** One option as its schema describes it. */
export interface OptionFacts {
  readonly name: string
  /** `integer ≥ 1`, `"zstd" or "none"`, `list of text`. */
  readonly type: string
  readonly description: string
  /** JSON of the default; undefined if there is none. */
  readonly fallback: string | undefined
  readonly required: boolean
}

interface JsonSchema {
  readonly type?: string
  readonly description?: string
  readonly default?: unknown
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly minimum?: number
  readonly exclusiveMinimum?: number
  readonly maximum?: number
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | boolean
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly required?: readonly string[]
}

/**
 * Lists every option of a component, in the order of its schema. Members of objects follow as
 * `outer.inner`, those of the objects of a list as `outer[].inner`.
 */
export function optionsOf(schema: z.ZodObject): OptionFacts[] {
  return membersOf(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema, '')
}

function membersOf({ properties = {}, required = [] }: JsonSchema, prefix: string): OptionFacts[] {
  return Object.entries(properties).flatMap(([name, option]) => [
    {
      name: prefix + name,
      type: typeText(option),
      description: option.description ?? '',
      fallback: option.default === undefined ? undefined : JSON.stringify(option.default),
      required: required.includes(name),
    },
    ...membersOf(option, `${prefix}${name}.`),
    ...membersOf(option.items ?? {}, `${prefix}${name}[].`),
  ])
}

function typeText(schema: JsonSchema): string {
  const alternatives = schema.anyOf ?? schema.oneOf
  if (alternatives) return alternatives.map(typeText).join(' or ')
  if (schema.const !== undefined) return JSON.stringify(schema.const)
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' or ')
  switch (schema.type) {
    case 'string':
      return 'text'
    case 'boolean':
      return 'true or false'
    case 'array':
      return schema.items ? `list of ${typeText(schema.items)}` : 'list'
    case 'object':
      return objectText(schema)
    case 'integer':
    case 'number':
      return `${schema.type}${rangeText(schema)}`
    default:
      return 'any value'
  }
}

function objectText({ properties, additionalProperties }: JsonSchema): string {
  if (properties) return 'object'
  return typeof additionalProperties === 'object'
    ? `object of ${typeText(additionalProperties)}`
    : 'object'
}

function rangeText({ minimum, exclusiveMinimum, maximum }: JsonSchema): string {
  const isBound = (bound: number | undefined): bound is number =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER
  const low = isBound(minimum)
    ? ` ≥ ${minimum}`
    : isBound(exclusiveMinimum)
      ? ` > ${exclusiveMinimum}`
      : ''
  const high = isBound(maximum) ? ` ≤ ${maximum}` : ''
  return low && high ? `${low},${high}` : low + high
}

/** The options as a table in Markdown. Those named in `thresholds` have a mark. */
export function optionsTable(schema: z.ZodObject, thresholds: readonly string[] = []): string {
  const rows = optionsOf(schema).map(({ name: option, type, description, fallback, required }) => {
    const mark = thresholds.includes(option.split('.', 1)[0] ?? '') ? ' ◆' : ''
    const value = required ? 'required' : fallback === undefined ? '' : `\`${fallback}\``
    return `| \`${option}\`${mark} | ${cell(type)} | ${cell(value)} | ${cell(description)} |`
  })
  return rows.length > 0
    ? ['| option | type | default | meaning |', '|---|---|---|---|', ...rows].join('\n')
    : 'It has no options.'
}

/** Text as a cell of a table in Markdown. */
export const cell = (text: string): string => text.replaceAll('|', '\\|').replace(/\s+/g, ' ')
