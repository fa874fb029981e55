export { EXIT } from './exit.ts'
export { run } from './run.ts'
export type { Surroundings } from './surroundings.ts'
