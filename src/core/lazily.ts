/**
 * Makes a value on first use. For tables and models that only some processes need. If `make`
 * throws, the next call tries again.
 */
export function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}
