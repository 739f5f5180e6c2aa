export { renderCard } from './card.ts'
export { renderReport } from './page.ts'
