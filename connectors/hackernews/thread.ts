import type { Skipped } from '../../src/core/connector.ts'
import type { Document } from '../../src/core/document.ts'
import { htmlToText } from '../../src/text/html-text.ts'
import { layOutReplies } from '../../src/text/reply-tree.ts'
import type { HnItem } from './item.ts'

/** Terms of use instead of a licence: users keep their rights, and there is no open licence. */
const LICENSE = 'https://www.ycombinator.com/legal/'

/** Deeper replies are skipped. */
const MAX_DEPTH = 12

/** Number of links kept per thread. */
const MAX_LINKS = 100

/**
 * Assembles a story and its comments into one document, and skips the remaining items with a
 * reason.
 */
export function assembleThread(items: readonly HnItem[]): ({ document: Document } | Skipped)[] {
  const results: ({ document: Document } | Skipped)[] = []
  const leaveOut = (item: HnItem, reason: string) =>
    results.push({ skipped: reason, where: item.where })
  const latest = new Map<number, HnItem>()
  for (const item of items) {
    const other = latest.get(item.id)
    if (other) leaveOut(other, 'superseded')
    latest.set(item.id, item)
  }
  const head = [...latest.values()].find((item) => item.id === item.root)
  const links = new Set<string>()
  const textOf = (html: string): string => {
    const { text, links: found } = htmlToText(html)
    for (const link of found) if (links.size < MAX_LINKS) links.add(link)
    return text
  }
  const headText = head ? textOf(head.text) : ''
  const comments = inPageOrder([...latest.values()]).filter((item) => item !== head)
  const replies = comments.flatMap((item) => {
    const text = textOf(item.text)
    if (text === '') leaveOut(item, 'no-text')
    return text === '' ? [] : [{ id: String(item.id), parent: String(item.parent), text, item }]
  })
  const tree = layOutReplies(replies, MAX_DEPTH)
  for (const { item } of tree.cut) leaveOut(item, 'too-deep')
  const first = head ?? tree.shown[0]?.item
  if (first === undefined) return results
  if (tree.shown.length === 0 && headText === '') leaveOut(first, 'no-text')
  else {
    const title = head?.title ? `# ${htmlToText(head.title).text}` : ''
    const text = [title, headText, tree.text].filter((part) => part !== '').join('\n\n')
    const shown = tree.shown.map(({ item }) => item)
    results.unshift({ document: threadDocument(first, head, text, shown, [...links]) })
  }
  return results
}

function threadDocument(
  first: HnItem,
  head: HnItem | undefined,
  text: string,
  shown: readonly HnItem[],
  links: readonly string[],
): Document {
  const dates = [first, ...shown].map((item) => item.created).filter((date) => date !== '')
  return {
    key: String(first.root),
    text,
    kind: 'mixed',
    url: `https://news.ycombinator.com/item?id=${first.root}`,
    license: LICENSE,
    ...(first.created ? { created: first.created } : {}),
    ...(dates.length > 0 ? { revised: dates.sort().at(-1) ?? '' } : {}),
    items: shown.length + (head ? 1 : 0),
    metadata: {
      type: head?.type ?? 'comment',
      score: head?.score ?? 0,
      ...(head?.title ? { title: htmlToText(head.title).text } : {}),
      ...(head?.url ? { story_url: head.url } : {}),
      ...(head?.author ? { author: head.author } : {}),
      comments: shown.map(({ id, author }) => ({ id, author })),
      ...(links.length > 0 ? { links } : {}),
    },
  }
}

/**
 * Sorts replies by the order in which their parent lists them. Unlisted ones follow, oldest first,
 * because comments have no public score.
 */
function inPageOrder(items: readonly HnItem[]): HnItem[] {
  const places = new Map<number, number>()
  for (const { kids } of items) for (const [place, kid] of kids.entries()) places.set(kid, place)
  const place = ({ id }: HnItem): number => places.get(id) ?? Number.MAX_SAFE_INTEGER
  return items.toSorted((a, b) => place(a) - place(b) || a.id - b.id)
}
