/*
 * What TeX calls its input stack: files and the bodies of macros, the innermost read first. Nothing
 * is recursive, and one budget pays for every expansion and every search for a closing brace. So
 * reading takes time proportional to the sources, whatever a paper defines.
 */

/** One text being read. */
export interface Frame {
  readonly text: string
  at: number
  /** The file that this text is, so that no file is read inside itself. */
  readonly file: string | undefined
  /** Set for a package: its definitions count, its text does not. */
  readonly quiet: boolean
}

/** The stack and the ways to read from it. */
export interface Tape {
  /** The text being read, after removing finished ones; undefined at the end of all. */
  top(): Frame | undefined
  /**
   * Reads this text next. Returns false and does nothing if the budget or the depth does not allow
   * it.
   */
  expand(text: string): boolean
  /**
   * Reads a file or package next. Returns false if it is already being read, is too deep inside
   * others, or exceeds the budget.
   */
  open(text: string, file: string, quiet: boolean): boolean
  isQuiet(): boolean
  /** Drops the rest of the innermost file and everything in it. */
  closeFile(): void
  /** The next character; empty at the end. */
  peek(): string
  skip(count: number): void
  /** Skips blanks and at most one line end; an empty line stays. */
  skipSpaces(): void
  /** Skips a `*` if it comes next, and returns whether it did. */
  star(): boolean
  /** The name after a backslash: letters, or one other character. */
  commandName(): string
  /**
   * An argument: the inside of a group, a command with its backslash, or one character. Undefined
   * if there is none.
   */
  argument(maxLength?: number): string | undefined
  /** The inside of `[…]` if that comes next. */
  optional(): string | undefined
  /** Skips what a sticky pattern matches here, in the same frame. */
  skipMatch(pattern: RegExp): void
  /**
   * The text up to a mark in the same frame, and skips the mark; undefined if the mark is missing.
   */
  until(mark: string): string | undefined
  /**
   * Skips to after `\fi`, or, if `atElse`, after `\else` if that comes first. Stays where it is if
   * there is neither.
   */
  skipBranch(atElse: boolean): void
  /** Characters that the budget still allows. */
  left(): number
}

const MAX_FRAMES = 400
const MAX_FILES = 24

const [BACKSLASH, OPEN, CLOSE] = [0x5c, 0x7b, 0x7d] as const

/** An empty stack; `budget` is in characters. */
export function inputTape(budget: number): Tape {
  const frames: Frame[] = []
  let left = budget
  let quiet = 0
  const spend = (cost: number): boolean => {
    left -= cost
    return left > 0
  }
  const pop = (): void => {
    if (frames.pop()?.quiet) quiet--
  }
  const top = (): Frame | undefined => {
    for (;;) {
      const frame = frames[frames.length - 1]
      if (!frame || frame.at < frame.text.length) return frame
      pop()
    }
  }
  const skipSpaces = (): void => {
    const frame = top()
    if (!frame) return
    const { text } = frame
    const at = skipBlanks(text, frame.at)
    const next = text.charCodeAt(at) === 0x0a ? skipBlanks(text, at + 1) : at
    frame.at = next > at && text.charCodeAt(next) === 0x0a ? at : next
  }
  const commandName = (): string => {
    const frame = top()
    if (!frame) return ''
    const { text, at } = frame
    const code = text.charCodeAt(at)
    let end = at
    const packaged = frame.file === undefined || quiet > 0
    while (isLetter(text.charCodeAt(end)) || (packaged && text.charCodeAt(end) === 0x40)) end++
    if (end === at) end += code >= 0xd800 && code < 0xdc00 ? 2 : 1
    frame.at = end
    return text.slice(at, end)
  }
  return {
    top,
    expand(text) {
      if (frames.length >= MAX_FRAMES || !spend(text.length + 16)) return false
      top()
      frames.push({ text, at: 0, file: undefined, quiet: false })
      return true
    },
    open(text, file, isPackage) {
      const open = frames.filter((frame) => frame.file !== undefined)
      if (open.length >= MAX_FILES || open.some((frame) => frame.file === file)) return false
      if (frames.length > 0 && !spend(text.length + 16)) return false
      frames.push({ text, at: 0, file, quiet: isPackage })
      if (isPackage) quiet++
      return true
    },
    isQuiet: () => quiet > 0,
    closeFile() {
      while (frames.length > 0) {
        const isFile = frames[frames.length - 1]?.file !== undefined
        pop()
        if (isFile) return
      }
    },
    peek() {
      const frame = top()
      return frame?.text[frame.at] ?? ''
    },
    skip(count) {
      const frame = top()
      if (frame) frame.at += count
    },
    skipSpaces,
    star() {
      const frame = top()
      if (frame?.text[frame.at] !== '*') return false
      frame.at++
      return true
    },
    commandName,
    argument(maxLength = Number.POSITIVE_INFINITY) {
      skipSpaces()
      const frame = top()
      if (!frame) return undefined
      const { text, at } = frame
      const code = text.charCodeAt(at)
      if (code === OPEN) {
        const end = groupEnd(text, at, Math.min(maxLength, left))
        spend(end === -1 ? Math.min(maxLength, text.length - at) : (end - at) >> 2)
        if (end === -1) return undefined
        frame.at = end
        return text.slice(at + 1, end - 1)
      }
      if (code === CLOSE || code === 0x0a) return undefined
      frame.at++
      if (code === BACKSLASH) return `\\${commandName()}`
      return text[at]
    },
    optional() {
      const frame = top()
      if (frame?.text[frame.at] !== '[' || left <= 0) return undefined
      const end = bracketEnd(frame.text, frame.at)
      if (end === -1) spend(Math.min(MAX_OPTION, frame.text.length - frame.at))
      if (end === -1) return undefined
      const inside = frame.text.slice(frame.at + 1, end - 1)
      frame.at = end
      return inside
    },
    skipMatch(pattern) {
      const frame = top()
      if (!frame) return
      pattern.lastIndex = frame.at
      if (pattern.test(frame.text)) frame.at = pattern.lastIndex
    },
    until(mark) {
      const frame = top()
      if (!frame || left <= 0) return undefined
      const end = frame.text.indexOf(mark, frame.at)
      if (end === -1) {
        spend(frame.text.length - frame.at)
        return undefined
      }
      const inside = frame.text.slice(frame.at, end)
      frame.at = end + mark.length
      return inside
    },
    skipBranch(atElse) {
      const frame = top()
      if (!frame || left <= 0) return
      const end = branchEnd(frame.text, frame.at, atElse)
      if (end === -1) spend(frame.text.length - frame.at)
      else frame.at = end
    },
    left: () => left,
  }
}

/** Whether a character code is a letter in the name of a command. */
export const isLetter = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a)

function skipBlanks(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) === 0x20 || text.charCodeAt(at) === 0x09) at++
  return at
}

/**
 * The position after the brace that closes the one at `start`; -1 if there is none within `limit`
 * characters.
 */
function groupEnd(text: string, start: number, limit: number): number {
  const last = Math.min(text.length, start + limit)
  let depth = 0
  for (let at = start; at < last; at++) {
    const code = text.charCodeAt(at)
    if (code === BACKSLASH) at++
    else if (code === OPEN) depth++
    else if (code === CLOSE && --depth === 0) return at + 1
  }
  return -1
}

/** A bracket that is not closed within this many characters is not an option. */
const MAX_OPTION = 2000

function bracketEnd(text: string, start: number): number {
  const last = Math.min(text.length, start + MAX_OPTION)
  let depth = 0
  for (let at = start + 1; at < last; at++) {
    const code = text.charCodeAt(at)
    if (code === BACKSLASH) at++
    else if (code === OPEN) depth++
    else if (code === CLOSE) depth--
    else if (code === 0x5d && depth === 0) return at + 1
    if (depth < 0) return -1
  }
  return -1
}

/** `\iff` is an arrow, and the name after `\newif` opens nothing. */
const CONDITIONAL = /\\(newif\s*\\if|if(?!f(?![A-Za-z@])|thenelse)[A-Za-z@]*|else|fi)(?![A-Za-z@])/g

function branchEnd(text: string, start: number, atElse: boolean): number {
  let depth = 0
  CONDITIONAL.lastIndex = start
  for (let match = CONDITIONAL.exec(text); match; match = CONDITIONAL.exec(text)) {
    const word = match[1] ?? ''
    if (word === 'fi' && depth-- === 0) return CONDITIONAL.lastIndex
    if (word === 'else' && atElse && depth === 0) return CONDITIONAL.lastIndex
    if (word.startsWith('if')) depth++
  }
  return -1
}
