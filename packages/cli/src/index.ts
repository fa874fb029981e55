export { EXIT, type CommandIO } from './command-io.ts'
export { run } from './run.ts'
