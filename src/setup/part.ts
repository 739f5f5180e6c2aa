/** A heavy part of the toolkit that is set up on demand: a Python environment of its own. */
export interface Part {
  readonly name: string
  /** What it is for, in one line. */
  readonly summary: string
  /** Absolute folder; the environment is `.venv` in it. */
  readonly folder: string
  /** Files of pinned packages in that folder; `tests` adds what the project's tests need. */
  readonly requirements: { readonly use: string; readonly tests: string }
  /** A package of which an index of its own has a smaller build for CPUs. */
  readonly cpu?: { readonly index: string; readonly package: string }
  /** Download and disk, in words. */
  readonly size: string
  /** Python that fails if the part does not work; it prints a line for people. */
  readonly check: string
}
