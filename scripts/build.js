// Bundles src/ into dist/: one entry for the program, one for the thread of the local org, everything behind import()
// in files of its own, so that `sfbulk --version` reads commander and nothing else.
// Native code cannot be bundled: libsql stays a dependency that is resolved at run time.
import { rmSync } from 'node:fs'
import { rolldown } from 'rolldown'

rmSync('dist', { recursive: true, force: true })
const bundle = await rolldown({
  input: { main: 'src/main.ts', 'local-org-thread': 'src/local-org/thread.ts' },
  platform: 'node',
  external: ['libsql'],
  checks: { pluginTimings: false },
})
await bundle.write({
  dir: 'dist',
  format: 'esm',
  minify: true,
  sourcemap: false,
  chunkFileNames: '[name]-[hash].js',
})
await bundle.close()
