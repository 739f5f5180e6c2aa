import { z } from 'zod'
import { EtlError, type ListedComponent, listComponents, nearestName } from '../../index.ts'
import { paint, table } from '../terminal/terminal.ts'

/** `etl list [name]` */
export async function run(
  args: readonly (string | undefined)[],
  options: Readonly<Record<string, unknown>>,
): Promise<number> {
  const [name] = args
  const all = await listComponents()
  const wanted = name === undefined ? all : all.filter(({ component }) => component.name === name)
  if (wanted.length === 0) {
    const nearest = nearestName(
      name ?? '',
      all.map(({ component }) => component.name),
    )
    throw new EtlError('component-unknown', {
      what: `there is no component "${name}"${nearest ? `; did you mean "${nearest}"?` : ''}`,
    })
  }
  if (options.json === true) process.stdout.write(`${JSON.stringify(wanted.map(describe))}\n`)
  else if (name === undefined) {
    const rows = wanted.map(({ family, component }) => [component.name, family, component.summary])
    process.stdout.write(`${table(rows)}\n`)
  } else for (const one of wanted) process.stdout.write(componentText(one))
  return 0
}

function describe({ family, component }: ListedComponent) {
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

function componentText({ family, component }: ListedComponent): string {
  const rows = Object.entries(component.options.shape).map(([name, schema]) => {
    const described = z.toJSONSchema(schema as z.ZodType, { io: 'input' }) as {
      description?: string
      default?: unknown
    }
    const fallback =
      described.default === undefined ? '' : ` (default ${JSON.stringify(described.default)})`
    return [`  ${name}`, `${described.description ?? ''}${fallback}`]
  })
  const title = paint('bold', component.name, process.stdout)
  const head = `${title}  ${family}, version ${component.version}\n${component.summary}\n`
  const own = { ...(component.example as object) }
  const entry =
    family === 'backend'
      ? { backend: component.name, options: own }
      : { type: component.name, ...own }
  const example = JSON.stringify(entry, undefined, 2)
  return `${head}\noptions\n${table(rows)}\n\nexample\n${example}\n`
}
