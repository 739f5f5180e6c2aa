// Makes a text that fits a regular expression, the same for the same seed.
import { createHash } from 'node:crypto'

/** How many more than its least a repetition without an upper limit may have. */
const MOST_MORE = 10

/** A text that fits the pattern: literals, classes, groups, alternatives and repetitions. */
export function generate(given: string, seed: string): string {
  const pattern = given.replace(/\(\?[a-z-]+\)/g, '').replace(/\(\?[a-z-]*:/g, '(')
  const below = randomOf(seed)
  let at = 0

  function alternatives(): string {
    const all = [sequence()]
    while (pattern[at] === '|') {
      at++
      all.push(sequence())
    }
    return all[below(all.length)]!
  }

  function sequence(): string {
    let text = ''
    while (at < pattern.length && pattern[at] !== '|' && pattern[at] !== ')') {
      const start = at
      const once = atom()
      const end = at
      const [least, most] = repetition()
      const times = least + below(most - least + 1)
      if (times === 0) continue
      text += once
      const after = at
      for (let i = 1; i < times; i++) {
        at = start
        text += atom()
        at = end
      }
      at = after
    }
    return text
  }

  function atom(): string {
    const character = pattern[at++]!
    if (character === '(') {
      const text = alternatives()
      at++
      return text
    }
    if (character === '[') return one(classAt())
    if (character === '\\') return one(escaped(pattern[at++]!))
    return character === '.' ? one(escaped('w')) : character
  }

  const one = (characters: string): string => characters[below(characters.length)]!

  function repetition(): readonly [number, number] {
    const counts = /^\{(\d+)(,?)(\d*)\}/.exec(pattern.slice(at))
    if (counts !== null) {
      at += counts[0].length
      const least = Number(counts[1])
      if (counts[2] === '') return [least, least]
      return [least, counts[3] === '' ? least + MOST_MORE : Number(counts[3])]
    }
    const sign = pattern[at] ?? ''
    if (!'?*+'.includes(sign) || sign === '') return [1, 1]
    at++
    if (sign === '?') return [0, 1]
    return [sign === '*' ? 0 : 1, MOST_MORE]
  }

  function classAt(): string {
    let characters = ''
    while (pattern[at] !== ']') {
      const named = /^\[:alnum:\]/.exec(pattern.slice(at))
      if (named !== null) {
        at += named[0].length
        characters += `${escaped('w').slice(0, -1)}`
        continue
      }
      const first = pattern[at++]!
      if (first === '\\') characters += escaped(pattern[at++]!)
      else if (pattern[at] === '-' && pattern[at + 1] !== ']') {
        const last = pattern.charCodeAt(at + 1)
        for (let code = first.charCodeAt(0); code <= last; code++)
          characters += String.fromCharCode(code)
        at += 2
      } else characters += first
    }
    at++
    return characters
  }

  return alternatives()
}

const DIGITS = '0123456789'
const WORD = `abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ${DIGITS}_`
const SETS: Readonly<Record<string, string>> = { d: DIGITS, w: WORD, S: WORD, s: ' ', n: '\n' }

const escaped = (letter: string): string => SETS[letter] ?? letter

/** Numbers from 0 to below a limit, by SHA-256 of the seed and a counter. */
function randomOf(seed: string): (limit: number) => number {
  let count = 0
  return (limit) =>
    createHash('sha256').update(`${seed}#${count++}`).digest().readUInt32LE(0) % limit
}
