// Mutation tests of the code that decides. `pnpm mutation` takes hours on two cores; `pnpm mutation --mutate <file>` minutes.
export default {
  testRunner: 'vitest',
  vitest: { configFile: 'vitest.config.ts' },
  plugins: ['@stryker-mutator/vitest-runner'],
  mutate: [
    'packages/core/src/engine/**/*.ts',
    'packages/attestor-evaluator/src/attestors/{attestor-set,distinct-signers,attestation-entry,evaluate-*}.ts',
    'packages/attestor-evaluator/src/identity/*.ts',
    'packages/condition-engine/src/{conditions,operators}/*.ts',
    '!packages/**/*.test.ts',
    '!packages/core/src/engine/idle-kinds.ts',
  ],
  // Messages and table rows are compared elsewhere: a changed word is no changed decision.
  mutator: { excludedMutations: ['StringLiteral'] },
  coverageAnalysis: 'perTest',
  dryRunTimeoutMinutes: 60,
  concurrency: 2,
  incremental: true,
  incrementalFile: 'reports/mutation/incremental.json',
  reporters: ['clear-text', 'html', 'progress'],
  htmlReporter: { fileName: 'reports/mutation/index.html' },
  thresholds: { high: 95, low: 90, break: 85 },
  tempDirName: '.stryker-tmp',
}
