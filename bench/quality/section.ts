import type { Half } from './score.ts'
import type { PublicSet } from './sets.ts'

/** What a section of docs/filters.md measures with. */
export interface QualityContext {
  /** Folder for what is fetched or computed; kept between runs. */
  readonly cache: string
  /** The half of each set to measure on. */
  readonly half: Half
  /** Folder that holds the files of a set. */
  open(set: PublicSet): string
  /**
   * Python of the environment with the named peers, or undefined with a printed reason if they
   * cannot be installed.
   */
  python(peers: readonly { readonly module: string; readonly spec: string }[]): string | undefined
}

/** One table of a section; cells are Markdown. */
export interface Table {
  readonly title: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** One filter's section of docs/filters.md. */
export interface QualitySection {
  /** The filter's name. */
  readonly name: string
  readonly sets: readonly PublicSet[]
  /** What the filter measures and where its thresholds come from: a few sentences of Markdown. */
  readonly introduction: string
  measure(context: QualityContext): Promise<readonly Table[]>
}
