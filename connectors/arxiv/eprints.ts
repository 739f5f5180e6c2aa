import { basename } from 'node:path'
import type { Context } from '../../src/core/component.ts'
import type { Storage } from '../../src/core/storage.ts'
import { findInputs, type InputFile } from '../../src/files/inputs.ts'
import { isArxivId } from './paper.ts'

/** Location of the source of a paper: a file, or a byte range of one. */
export interface EprintPlace {
  readonly path: string
  /** Name of the source in messages. */
  readonly where: string
  readonly start: number
  readonly end: number
  /** The version in the file name; undefined if there is none. */
  readonly version: number | undefined
}

/** Finds sources by arXiv id; undefined if there is none. */
export interface EprintIndex {
  find(id: string): Promise<EprintPlace | undefined>
}

/** arXiv's own bundles, several per month: `arXiv_src_2601_003.tar`. */
const BUNDLE = /(?:^|_)(\d{4})_\d{3}\.tar$/

/**
 * Indexes the sources in a folder or glob: files named by their id (`1703.09710v2.tar.gz`,
 * `astro-ph0001001.gz`, `2401.00001.pdf`) and tars of such files. File names are indexed at once.
 * The headers of a tar are read when a paper of its month is requested for the first time.
 */
export async function eprintIndex(context: Context, input: string): Promise<EprintIndex> {
  const single = new Map<string, EprintPlace>()
  const bundles = new Map<string, InputFile[]>()
  for (const file of await findInputs(context, input)) {
    const named = idOfName(file.label)
    if (named) {
      const { path, label, size } = file
      keepNewest(single, named.id, {
        path,
        where: label,
        start: 0,
        end: size,
        version: named.version,
      })
    } else if (file.path.endsWith('.tar')) {
      const month = BUNDLE.exec(basename(file.path))?.[1] ?? ''
      bundles.set(month, [...(bundles.get(month) ?? []), file])
    }
  }
  const members = new Map<string, Promise<Map<string, EprintPlace>>>()
  const ofMonth = (month: string): Promise<Map<string, EprintPlace>> => {
    const known = members.get(month) ?? bundleMembers(context, bundles.get(month) ?? [])
    members.set(month, known)
    return known
  }
  return {
    async find(id) {
      const month = monthOf(id)
      return single.get(id) ?? (await ofMonth(month)).get(id) ?? (await ofMonth('')).get(id)
    },
  }
}

/** The four digits of year and month in an id such as `2401.00001` or `astro-ph/0001001`. */
const monthOf = (id: string): string => id.slice(id.indexOf('/') + 1).slice(0, 4)

const NAME =
  /^(\d{4}\.\d{4,5}|([a-z-]+(?:\.[A-Z]{2})?)_?(\d{7}))(?:v(\d{1,3}))?(?:\.(?:tar\.gz|tgz|tar|gz|tex|tex\.gz|pdf|ps\.gz|ps|html\.gz))?$/

/** The id and version in a file name. Old ids are written there without their slash. */
function idOfName(
  label: string,
): { readonly id: string; readonly version: number | undefined } | undefined {
  const match = NAME.exec(basename(label))
  if (!match) return undefined
  const [, plain = '', archive, number, version] = match
  const id = archive === undefined ? plain : `${archive}/${number}`
  return isArxivId(id)
    ? { id, version: version === undefined ? undefined : Number(version) }
    : undefined
}

function keepNewest(places: Map<string, EprintPlace>, id: string, place: EprintPlace): void {
  const known = places.get(id)
  // TeX is preferred to a PDF of the same paper. A name without a version means the latest.
  const rank = ({ version = Number.POSITIVE_INFINITY, where }: EprintPlace): number =>
    where.endsWith('.pdf') ? -1 : version
  if (!known || rank(place) > rank(known)) places.set(id, place)
}

async function bundleMembers(
  context: Context,
  files: readonly InputFile[],
): Promise<Map<string, EprintPlace>> {
  const places = new Map<string, EprintPlace>()
  for (const file of files) {
    for await (const { name, start, size } of tarHeaders(context.storage, file)) {
      const named = idOfName(name)
      if (!named) continue
      const { path, label } = file
      keepNewest(places, named.id, {
        path,
        where: `${label}/${name}`,
        start,
        end: start + size,
        version: named.version,
      })
    }
  }
  return places
}

const BLOCK = 512

/**
 * Yields name, offset and size of the regular files in a tar, read from its headers alone. Stops
 * without an error at the first invalid header.
 */
async function* tarHeaders(storage: Storage, { path }: InputFile) {
  const handle = await storage.open(path)
  try {
    for (let at = 0; at + BLOCK <= handle.size; ) {
      const header = Buffer.from(await handle.read(at, BLOCK))
      const size = Number.parseInt(header.toString('latin1', 124, 136), 8)
      if (header[0] === 0 || Number.isNaN(size) || size < 0) return
      const start = at + BLOCK
      const type = String.fromCharCode(header[156] ?? 0)
      if ((type === '0' || type === '\0') && start + size <= handle.size) {
        yield { name: header.toString('utf8', 0, Math.min(100, header.indexOf(0))), start, size }
      }
      at = start + Math.ceil(size / BLOCK) * BLOCK
    }
  } finally {
    await handle.close()
  }
}
