/** A post in a discussion. */
export interface Reply {
  readonly id: string
  /** Id of the parent: another reply, or the head of the discussion. */
  readonly parent: string
  readonly text: string
}

/** The layout of a discussion. */
export interface ReplyTree<R extends Reply> {
  /** One list item per reply, indented by depth; `''` if there are none. */
  readonly text: string
  /** The replies in the text, in its order. */
  readonly shown: readonly R[]
  /** Replies that are deeper than the limit, or whose parents form a cycle. */
  readonly cut: readonly R[]
}

/**
 * Lays out replies below their parents. Children of one parent keep the order given. A reply whose
 * parent is missing is at the top level. Nothing is recursive: only `maxDepth` limits the depth.
 */
export function layOutReplies<R extends Reply>(
  replies: readonly R[],
  maxDepth: number,
): ReplyTree<R> {
  const ids = new Set(replies.map((reply) => reply.id))
  const children = new Map<string, R[]>()
  const stack: { reply: R; depth: number }[] = []
  for (const reply of replies) {
    const siblings = children.get(reply.parent)
    if (!ids.has(reply.parent)) stack.push({ reply, depth: 1 })
    else if (siblings) siblings.push(reply)
    else children.set(reply.parent, [reply])
  }
  stack.reverse()
  const shown: R[] = []
  const lines: string[] = []
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { reply, depth } = next
    shown.push(reply)
    lines.push(listItem(reply.text, depth))
    if (depth === maxDepth) continue
    for (const child of (children.get(reply.id) ?? []).toReversed())
      stack.push({ reply: child, depth: depth + 1 })
  }
  const seen = new Set(shown.map((reply) => reply.id))
  return { text: lines.join('\n\n'), shown, cut: replies.filter((reply) => !seen.has(reply.id)) }
}

function listItem(text: string, depth: number): string {
  const indent = '  '.repeat(depth - 1)
  return `${indent}- ${text.replaceAll('\n', `\n${indent}  `).replace(/(?<! ) +$/gm, '')}`
}
