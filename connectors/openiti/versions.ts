import { basename } from 'node:path'

/** What the name of a text file says: `0255Jahiz.Hayawan.JK000234-ara1.completed`. */
export interface BookName {
  /** Author's year of death (AH) and name, and the book: `0255Jahiz.Hayawan`. */
  readonly book: string
  readonly authorId: string
  /** Where the text comes from: `JK000234-ara1`. */
  readonly version: string
  /** ISO 639-3 language of the version, `ara`, where the name has it. */
  readonly lang: string | undefined
  /** How far the text has been edited, 0 is furthest. */
  readonly rank: number
}

/** Extensions by progress of editing, the most finished first; none at all comes last. */
const STAGES = ['completed', 'mARkdown', 'inProgress', '']

/** Reads a file name; undefined if it is not one of a text. */
export function readBookName(path: string): BookName | undefined {
  const [, authorId = '', title = '', version = '', stage = ''] =
    /^(\d{4}\p{L}[\p{L}\p{N}]*)\.([\p{L}\p{N}]+)\.([\p{L}\p{N}_]+(?:-[a-z]{3}\d+)?)(?:\.([A-Za-z]+))?$/u.exec(
      basename(path),
    ) ?? []
  const rank = STAGES.indexOf(stage)
  if (authorId === '' || rank === -1) return undefined
  return {
    book: `${authorId}.${title}`,
    authorId,
    version,
    lang: /-([a-z]{3})\d+$/.exec(version)?.[1],
    rank,
  }
}

/**
 * For every book the label of its primary text: the furthest edited, of equals the first in the
 * order given.
 */
export function primaryTexts(labels: Iterable<string>): Map<string, string> {
  const best = new Map<string, { readonly label: string; readonly rank: number }>()
  for (const label of labels) {
    const name = readBookName(label)
    if (name && name.rank < (best.get(name.book)?.rank ?? STAGES.length))
      best.set(name.book, { label, rank: name.rank })
  }
  return new Map([...best].map(([book, { label }]) => [book, label]))
}
