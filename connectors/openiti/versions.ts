import { basename } from 'node:path'

/** The parts of a file name such as `0255Jahiz.Hayawan.JK000234-ara1.completed`. */
export interface BookName {
  /** Author's year of death (AH) and name, then the title: `0255Jahiz.Hayawan`. */
  readonly book: string
  readonly authorId: string
  /** Collection and id the text comes from, then its language: `JK000234-ara1`. */
  readonly version: string
  /** ISO 639-3 code of the language, such as `ara`; undefined if the name has none. */
  readonly lang: string | undefined
  /** Stage of editing: 0 is the most finished. */
  readonly rank: number
}

/** File extensions by stage of editing, most finished first. No extension comes last. */
const STAGES = ['completed', 'mARkdown', 'inProgress', '']

/** Parses a file name. Returns undefined if it is not the name of a text. */
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
 * Picks one text per book and returns its label by book: the most edited version, and the first in
 * the given order among equals.
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
