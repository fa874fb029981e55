export { runAction } from './run-action.ts'
