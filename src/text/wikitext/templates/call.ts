/** A template as its handler sees it. Arguments are rendered when asked for. */
export interface Call {
  /** Folded. */
  readonly name: string
  /** Language of words that are put in. */
  readonly language: 'ar' | 'en'
  /** Number of arguments without a name. */
  readonly count: number
  /** Argument by position from 1, or its number as a name; trimmed, empty where absent. */
  at(position: number): string
  /** The first of these named arguments that is not empty. Names are folded. */
  get(...names: string[]): string
  /** All arguments without a name, from this position on. */
  rest(from?: number): string[]
}

export type Handler = (call: Call) => string
