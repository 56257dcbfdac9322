import { defineConfig } from 'vitest/config'
import { kernelPlugin } from './scripts/kernel.js'

/** Tests that take minutes: large inputs, end to end. */
export default defineConfig({
  plugins: [kernelPlugin()],
  test: {
    include: ['test/soak/**/*.test.ts'],
    globalSetup: 'test/support/temporary-folders.ts',
    testTimeout: 1_800_000,
    pool: 'forks',
    maxWorkers: 1,
  },
})
