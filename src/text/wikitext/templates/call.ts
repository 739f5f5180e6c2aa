/** A template as its handler sees it. Arguments are rendered on demand. */
export interface Call {
  /** Folded name of the template. */
  readonly name: string
  /** Language of inserted words. */
  readonly language: 'ar' | 'en'
  /** Number of positional arguments. */
  readonly count: number
  /** Argument by position from 1, or with that number as its name; trimmed, empty if absent. */
  at(position: number): string
  /**
   * The first of these named arguments that is not empty; empty if there is none. Names are folded.
   */
  get(...names: string[]): string
  /** All non-empty positional arguments from this position on. */
  rest(from?: number): string[]
}

/** Renders a template; an empty string becomes a gap. */
export type Handler = (call: Call) => string
