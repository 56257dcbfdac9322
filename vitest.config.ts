import { defineConfig } from 'vitest/config'
import { kernelPlugin } from './scripts/kernel.js'

export default defineConfig({
  plugins: [kernelPlugin()],
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/soak/**'],
    globalSetup: 'test/support/temporary-folders.ts',
    setupFiles: 'test/support/property-seed.ts',
    // Whole commands run in processes of their own, so a test may wait for several starts of Node.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    maxWorkers: 2,
  },
})
