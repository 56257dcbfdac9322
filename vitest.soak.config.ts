import { defineConfig } from 'vitest/config'

/** Tests that take minutes: large inputs, end to end. */
export default defineConfig({
  test: {
    include: ['test/soak/**/*.test.ts'],
    testTimeout: 1_800_000,
    pool: 'forks',
    maxWorkers: 1,
  },
})
