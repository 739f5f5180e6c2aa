export * from './connector.ts'
export * from './context.ts'
export * from './filter.ts'
export * from './sketch-store.ts'
