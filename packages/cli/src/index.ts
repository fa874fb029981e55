export { commandData, workflowCommand, type Annotation } from './formats/format-github.ts'
export { EXIT, type CommandIO } from './command-io.ts'
export { processIO } from './process-io.ts'
export { run } from './run.ts'
