/**
 * Writes text in blocks as Markdown does: paragraphs are separated, and every line of a quote or
 * list has a prefix.
 */
export interface BlockWriter {
  /** Adds running text to the current line and collapses its white space. */
  text(text: string): void
  /** Adds text to the current line as it is. */
  verbatim(text: string): void
  /**
   * Ends the block. What follows starts `lines` lines below (1: on the next line, 2: after an empty
   * line).
   */
  end(lines: 1 | 2): void
  /** Adds whole lines that keep their white space, as a block of their own. */
  lines(text: string): void
  /**
   * Opens a block that lasts until the matching `close`. Its first line begins with `first`, the
   * others with `rest`.
   */
  open(name: string, first: string, rest: string): void
  /** Closes the innermost block of this name and everything in it. Does nothing if none is open. */
  close(name: string): void
  /** Whether the innermost open block has this name. */
  isInside(name: string): boolean
  finish(): string
}

interface Container {
  readonly name: string
  readonly first: string
  readonly rest: string
  begun: boolean
}

/**
 * Deeper quotes and lists are written at this depth, because prefixes would grow with depth times
 * lines.
 */
const MAX_DEPTH = 24

/** White space other than one plain blank. */
const IRREGULAR_SPACE = /[\t\n\r\f]| {2}/

/** A writer for one text. */
export function blockWriter(): BlockWriter {
  const written: string[] = []
  const containers: Container[] = []
  const ignored = new Map<string, number>()
  let content = ''
  // Inspecting `content` itself would flatten a growing string again and again.
  let atSpace = true
  let gap: 0 | 1 | 2 = 0
  const pushLine = (line: string): void => {
    if (gap === 2 && written.length > 0) {
      written.push(
        containers
          .map(({ rest, begun }) => (begun ? rest : ''))
          .join('')
          .trimEnd(),
      )
    }
    gap = 0
    let prefix = ''
    for (const container of containers) {
      prefix += container.begun ? container.rest : container.first
      container.begun = true
    }
    written.push(prefix + line)
  }
  const add = (text: string): void => {
    if (text === '') return
    content += text
    atSpace = text.endsWith(' ')
  }
  const end = (lines: 1 | 2): void => {
    const line = content.trimEnd()
    content = ''
    atSpace = true
    if (line !== '') pushLine(line)
    if (lines > gap) gap = lines
  }
  return {
    text(text) {
      const collapsed = IRREGULAR_SPACE.test(text) ? text.replace(/[ \t\n\r\f]+/g, ' ') : text
      add(atSpace && collapsed.startsWith(' ') ? collapsed.slice(1) : collapsed)
    },
    verbatim: add,
    end,
    lines(text) {
      end(2)
      for (const line of text.split('\n')) pushLine(line)
      gap = 2
    },
    open(name, first, rest) {
      end(1)
      if (containers.length < MAX_DEPTH) containers.push({ name, first, rest, begun: false })
      else ignored.set(name, (ignored.get(name) ?? 0) + 1)
    },
    close(name) {
      const skipped = ignored.get(name) ?? 0
      if (skipped > 0) ignored.set(name, skipped - 1)
      else {
        const depth = containers.findLastIndex((container) => container.name === name)
        if (depth === -1) return
        end(1)
        containers.length = depth
      }
    },
    isInside: (name) => containers.at(-1)?.name === name,
    finish() {
      end(1)
      return written.join('\n')
    },
  }
}
