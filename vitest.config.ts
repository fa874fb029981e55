import type { ViteUserConfig } from 'vitest/config'

const config: ViteUserConfig = {
  // Workspace imports resolve to source, so tests need no build.
  ssr: { resolve: { conditions: ['@verify-images/source'] } },
  test: {
    include: [
      'packages/*/src/**/*.test.ts',
      'examples/**/*.test.ts',
      'conformance/**/*.test.ts',
      'e2e/**/*.test.ts',
      'scripts/**/*.test.ts',
    ],
    testTimeout: 20_000,
  },
}

export default config
