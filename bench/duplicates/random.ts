/** Numbers from a seed, the same on every machine (mulberry32, public domain). */
export interface Random {
  /** From 0 up to 1, exclusive. */
  share(): number
  /** From 0 up to `bound`, exclusive. */
  below(bound: number): number
}

export function seededRandom(seed: number): Random {
  let state = seed | 0
  const share = (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { share, below: (bound) => Math.floor(share() * bound) }
}
