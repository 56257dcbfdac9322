// Runs a module of src/ as it stands, for what is made of the program's own tables.
import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'
import { kernelPlugin } from './kernel.js'

const root = fileURLToPath(new URL('..', import.meta.url))

/** What a module such as `src/program.ts` exports. */
export async function importSource(path) {
  const { module } = await runnerImport(`/${path}`, {
    root,
    configFile: false,
    logLevel: 'error',
    plugins: [kernelPlugin()],
  })
  return module
}
