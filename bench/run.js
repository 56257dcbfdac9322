// `npm run bench [-- --quick] [-- NAME…]`: builds the program and the benchmark, and measures. Node 20 does not run TypeScript,
// so the benchmark is bundled first; its packages stay where they are.
import { spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { kernelPlugin } from '../scripts/kernel.js'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'node_modules', '.bench')
spawnSync(process.execPath, [join(root, 'scripts', 'build.js'), '--if-stale'], { stdio: 'inherit' })
// What is measured is a copy, so that a build that runs meanwhile changes nothing.
const program = join(folder, 'program')
rmSync(folder, { recursive: true, force: true })
for (const part of ['bin', 'dist', 'package.json']) cpSync(join(root, part), join(program, part), { recursive: true })
const entries = ['main', 'sink', 'object-streams', 'jsforce-load', 'csv-count']
const bundle = await rolldown({
  input: Object.fromEntries(entries.map((name) => [name, join(root, 'bench', `${name}.ts`)])),
  platform: 'node',
  plugins: [kernelPlugin()],
  external: ['csv-parse', 'csv-stringify', 'jsforce', 'libsql', 'xxhash-wasm'],
  checks: { pluginTimings: false },
})
await bundle.write({ dir: folder, format: 'esm' })
await bundle.close()

// With it each Node reads certificates before it does anything else, 50 ms that are none of ours.
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env
const { status } = spawnSync(process.execPath, [join(folder, 'main.js'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { SFBULK_CLIENTS: join(root, '.clients'), ...environment, BENCH_FOLDER: folder },
})
process.exitCode = status ?? 1
