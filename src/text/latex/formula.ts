import { isLetter } from './tape.ts'

/**
 * A formula being read. It stays TeX; only labels and citations are removed, and the paper's own
 * commands are expanded.
 */
export interface Formula {
  /** What ends the formula: `$`, `$$`, `\)`, `\]` or the name of an environment. */
  readonly end: string
  readonly display: boolean
  /** Only a command ends the formula, so braces and dollars have no special meaning in it. */
  readonly endsAtCommand: boolean
  text(piece: string): void
  /** Adds a command that stays. */
  command(name: string): void
  openGroup(): void
  closeGroup(): void
  /** Whether the current position is inside braces, where a `$` belongs to an `\mbox`. */
  isNested(): boolean
  /** The formula with its delimiters; empty if there is nothing in it. */
  finish(): string
}

/** Begins a formula. */
export function formula(end: string, display: boolean): Formula {
  const parts: string[] = []
  let depth = 0
  // An expanded `\alpha` before a letter needs a blank between them.
  let endsInWord = false
  const push = (piece: string): void => {
    if (piece === '') return
    if (endsInWord && isLetter(piece.charCodeAt(0))) parts.push(' ')
    endsInWord = false
    parts.push(piece)
  }
  return {
    end,
    display,
    endsAtCommand: !end.startsWith('$'),
    text: push,
    command(name) {
      parts.push('\\', name)
      endsInWord = isLetter(name.charCodeAt(0))
    },
    openGroup() {
      push('{')
      depth++
    },
    closeGroup() {
      if (depth === 0) return
      push('}')
      depth--
    },
    isNested: () => depth > 0,
    finish() {
      const body = parts.join('') + '}'.repeat(Math.min(depth, MAX_CLOSED))
      return display ? displayed(body, end) : inline(body)
    },
  }
}

/** Maximum number of unclosed braces that are closed at the end of a broken formula. */
const MAX_CLOSED = 100

function inline(body: string): string {
  const plain = body.replace(/\s+/g, ' ').trim()
  return plain === '' ? '' : `$${plain}$`
}

function displayed(body: string, end: string): string {
  const lines = body
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  if (lines.length === 0) return ''
  const [opening, closing] = /^[A-Za-z]/.test(end)
    ? [`\\begin{${end}}`, `\\end{${end}}`]
    : ['$$', '$$']
  return [opening, ...lines, closing].join('\n')
}
