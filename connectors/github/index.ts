import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import { defineConnector, type Item } from '../../src/core/connector.ts'
import type { Document } from '../../src/core/document.ts'
import type { Storage } from '../../src/core/storage.ts'
import { type Attributes, parseAttributes, pathJudge, textExclusion } from './exclusions.ts'
import { type Language, languageDetector } from './languages.ts'
import { headerLicense, isAllowed, isLicenseFile, licenseOf, PERMISSIVE } from './license.ts'
import { notebookText } from './notebook.ts'
import {
  findRepositories,
  headCommit,
  type Repository,
  type RepositoryFile,
  repositoryFiles,
} from './repository.ts'

const options = z.strictObject({
  input: z
    .string()
    .min(1)
    .describe(
      'Folder of clones, a single clone or folder, or a glob of repository archives (.tar.gz).',
    ),
  licenses: z
    .array(z.string())
    .default([...PERMISSIVE])
    .describe(
      'SPDX identifiers of allowed licences; files without a recognised licence are skipped.',
    ),
  types: z
    .array(z.enum(['programming', 'markup', 'prose', 'data']))
    .default(['programming', 'markup', 'prose'])
    .describe('Types of files to read, in linguist’s terms.'),
  languages: z
    .array(z.string())
    .optional()
    .describe('Languages to read, in linguist’s spelling; all if omitted.'),
  maxFileBytes: z
    .int()
    .min(1)
    .default(1 << 20)
    .describe('Largest file in bytes; larger ones are skipped.'),
})

/** Reads repositories on this machine: the text of each file with its licence and language. */
export const github = defineConnector({
  name: 'github',
  version: 1,
  summary: 'Source files and docs of local clones, folders and archives, by licence and language.',
  options,
  example: { input: 'fixtures/lantern' },
  create(options, context) {
    const judgePath = pathJudge()
    const languageOf = languageDetector()
    const allowed = new Set(options.licenses)
    return {
      async *partitions() {
        for (const repository of await findRepositories(context, options.input)) {
          const key = repository.name
            .replaceAll(/[^\w./-]/g, '_')
            .replaceAll(/\.{2,}|^\/|\/$/g, '_')
          yield { key, bytes: repository.bytes, spec: repository }
        }
      },
      async *read(partition, from): AsyncIterable<Item> {
        const repository = partition.spec as Repository
        const facts = await repositoryFacts(context.storage, repository, options.maxFileBytes)
        const wants = (path: string): boolean => judgePath(path, facts.attributes) === undefined
        const files = repositoryFiles(context.storage, repository, options.maxFileBytes, wants)
        for await (const file of files) {
          if (from !== undefined && file.place <= Number(from)) continue
          context.signal.throwIfAborted()
          const skip = (skipped: string): Item => {
            return { cursor: file.place, skipped, where: `${repository.name}/${file.path}` }
          }
          const excluded = file.refused ?? judgePath(file.path, facts.attributes)
          if (excluded || !file.bytes) {
            yield skip(excluded ?? 'unreadable')
            continue
          }
          const result = documentOf(file, file.bytes)
          yield typeof result === 'string' ? skip(result) : { cursor: file.place, document: result }
        }

        function documentOf({ path }: RepositoryFile, bytes: Uint8Array): Document | string {
          if (bytes.includes(0)) return 'binary'
          if (!isUtf8(bytes)) return 'invalid-utf8'
          if (bytes.length === 0) return 'empty-file'
          const text = new TextDecoder().decode(bytes).replaceAll('\r\n', '\n')
          const language = languageOf(path, text)
          if (!language) return 'unknown-language'
          if (!options.types.includes(language.type)) return `${language.type}-file`
          if (options.languages && !options.languages.includes(language.name))
            return 'other-language'
          const reason = textExclusion(path, text)
          if (reason) return reason
          const header = headerLicense(text)
          const license = header ?? facts.licenseFor(path)
          if (!license) return 'no-license'
          if (!isAllowed(license, allowed)) return 'license-not-allowed'
          const body = language.name === 'Jupyter Notebook' ? notebookText(text) : text
          if (body === undefined) return 'malformed-notebook'
          return describe(repository, facts, {
            path,
            text: body,
            language,
            license,
            fromHeader: header !== undefined,
          })
        }
      },
    }
  },
})

interface RepositoryFacts {
  readonly commit: string
  readonly attributes: Attributes
  /**
   * The licence in the nearest folder that has a licence file, from the file’s own folder upwards.
   */
  licenseFor(path: string): string | undefined
}

/** A first pass over a repository for its commit, licence files and attributes. */
async function repositoryFacts(
  storage: Storage,
  repository: Repository,
  maxBytes: number,
): Promise<RepositoryFacts> {
  const licenses: { folder: string; spdx: string | undefined }[] = []
  let attributes = parseAttributes('')
  let commit = repository.form === 'folder' ? await headCommit(storage, repository.path) : ''
  const wants = (path: string): boolean => isLicenseFile(path)
  for await (const file of repositoryFiles(storage, repository, maxBytes, wants)) {
    commit ||= file.commit ?? ''
    if (!file.bytes) continue
    const folder = file.path.slice(0, file.path.lastIndexOf('/') + 1)
    if (isLicenseFile(file.path))
      licenses.push({ folder, spdx: licenseOf(new TextDecoder().decode(file.bytes)) })
    else if (file.path === '.gitattributes')
      attributes = parseAttributes(new TextDecoder().decode(file.bytes))
  }
  const ownAttributes = `${repository.path}/.gitattributes`
  if (repository.form === 'folder' && (await storage.stat(ownAttributes))) {
    const handle = await storage.open(ownAttributes)
    attributes = parseAttributes(new TextDecoder().decode(await handle.read(0, 1 << 20)))
    await handle.close()
  }
  licenses.sort((a, b) => b.folder.length - a.folder.length)
  return {
    commit,
    attributes,
    licenseFor(path) {
      const nearest = licenses.find(({ folder }) => path.startsWith(folder))?.folder
      const here = licenses.filter(({ folder }) => folder === nearest).map(({ spdx }) => spdx)
      // An unrecognised licence file may revoke what the one next to it grants.
      return here.includes(undefined)
        ? undefined
        : [...new Set(here)].sort().join(' OR ') || undefined
    },
  }
}

interface Described {
  readonly path: string
  readonly text: string
  readonly language: Language
  readonly license: string
  readonly fromHeader: boolean
}

/** Links to Stack Overflow questions and answers. Snippets from there are share-alike. */
const SO_LINK = /https?:\/\/(?:www\.)?stackoverflow\.com\/(?:questions|q|a)\/(\d+)/g

function describe(repository: Repository, { commit }: RepositoryFacts, file: Described): Document {
  const { path, text, language, license, fromHeader } = file
  const isNotebook = language.name === 'Jupyter Notebook'
  const kind = language.type === 'prose' ? 'prose' : isNotebook ? 'mixed' : 'code'
  const references = [...new Set([...text.matchAll(SO_LINK)].map((match) => Number(match[1])))]
  const isNamed = repository.name.includes('/')
  return {
    key: `${repository.name}/${path}`,
    text,
    kind,
    license,
    ...(kind === 'code' ? { lang: language.name.toLowerCase() } : {}),
    ...(isNamed && commit
      ? { url: `https://github.com/${repository.name}/blob/${commit}/${path}` }
      : {}),
    metadata: {
      repo: repository.name,
      path,
      language: language.name,
      license_source: fromHeader ? 'header' : 'file',
      ...(commit ? { commit } : {}),
      ...(references.length > 0 ? { so_refs: references } : {}),
    },
  }
}
