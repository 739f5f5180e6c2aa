export const VERDICTS: ReadonlyMap<string, boolean> = new Map()
