/** A plug-in exports its components, by any name. */
export { diary } from './diary.js'
export { monotone } from './monotone.js'
