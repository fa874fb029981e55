import { processIO } from 'verify-images'
import { runAction } from './run-action.ts'

process.exitCode = await runAction(processIO())
