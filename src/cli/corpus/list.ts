import { z } from 'zod'
import type { Component } from '../../core/component.ts'
import { EtlError } from '../../core/errors.ts'
import { nearestName } from '../../engine/plan/registry.ts'
import { backends, registry } from '../../index.ts'
import { paint, table } from '../terminal/terminal.ts'

type AnyComponent = Component<z.ZodObject, unknown> & { readonly level?: string }

interface Listed {
  readonly family: 'connector' | 'filter' | 'backend'
  readonly component: AnyComponent
}

async function allComponents(): Promise<Listed[]> {
  const listed: Listed[] = []
  for (const load of Object.values(registry.connectors))
    listed.push({ family: 'connector', component: await load() })
  for (const load of Object.values(registry.filters))
    listed.push({ family: 'filter', component: await load() })
  for (const load of Object.values(backends))
    listed.push({ family: 'backend', component: await load() })
  return listed
}

/** `etl list [name]` */
export async function run(
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const [name] = args
  const all = await allComponents()
  const wanted = name === undefined ? all : all.filter(({ component }) => component.name === name)
  if (wanted.length === 0) {
    const nearest = nearestName(
      name ?? '',
      all.map(({ component }) => component.name),
    )
    throw new EtlError('component-unknown', {
      what: `nothing is called "${name}"${nearest ? `; did you mean "${nearest}"?` : ''}`,
    })
  }
  if (options.json === true) process.stdout.write(`${JSON.stringify(wanted.map(describe))}\n`)
  else if (name === undefined) {
    process.stdout.write(
      `${table(wanted.map(({ family, component }) => [component.name, family, component.summary]))}\n`,
    )
  } else for (const one of wanted) process.stdout.write(componentText(one))
  return 0
}

function describe({ family, component }: Listed) {
  const { name, version, summary, example } = component
  return {
    name,
    family,
    version,
    summary,
    example,
    options: z.toJSONSchema(component.options, { io: 'input' }),
  }
}

function componentText({ family, component }: Listed): string {
  const rows = Object.entries(component.options.shape).map(([name, schema]) => {
    const described = z.toJSONSchema(schema as z.ZodType, { io: 'input' }) as {
      description?: string
      default?: unknown
    }
    const fallback =
      described.default === undefined ? '' : ` (default ${JSON.stringify(described.default)})`
    return [`  ${name}`, `${described.description ?? ''}${fallback}`]
  })
  const head = `${paint('bold', component.name, process.stdout)}  ${family}, version ${component.version}\n${component.summary}\n`
  const own = { ...(component.example as object) }
  const entry =
    family === 'backend'
      ? { backend: component.name, options: own }
      : { type: component.name, ...own }
  const example = JSON.stringify(entry, undefined, 2)
  return `${head}\noptions\n${table(rows)}\n\nexample\n${example}\n`
}
