// How src/ is bundled: into files for the package, into one for the executable.
import { rolldown } from 'rolldown'
import { helpPlugin } from './help-texts.js'
import { kernelPlugin } from './kernel.js'

/**
 * The program, the library and the thread of the local org; everything behind import() is in files of its own, so that a start
 * reads little. Native code cannot be bundled: libsql and the keychain stay dependencies that are resolved at run time.
 */
export async function bundleProgram() {
  const input = {
    'command-line': 'src/command-line.ts',
    library: 'src/library/library.ts',
    'local-org-thread': 'src/local-org/thread.ts',
  }
  const external = ['libsql', '@napi-rs/keyring']
  const names = { entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' }
  return await bundle({ input, external, plugins: [kernelPlugin()] }, { format: 'esm', ...names })
}

/**
 * What answers `--version` and `--help`. It is CommonJS: Node needs a third of its own start to make modules of the other kind
 * ready.
 */
export async function bundleStart() {
  const commandLine = {
    name: 'command-line',
    resolveId: (id) => (id === './command-line.ts' ? { id: './command-line.js', external: true } : undefined),
  }
  const names = { entryFileNames: '[name].cjs', chunkFileNames: '[name]-[hash].cjs' }
  return await bundle({ input: 'src/main.ts', plugins: [helpPlugin(), commandLine] }, { format: 'cjs', ...names })
}

/** The files that come of an entry, as rolldown gives them. */
export async function bundle(input, output) {
  const bundled = await rolldown({ platform: 'node', checks: { pluginTimings: false }, resolve, ...input })
  const { output: files } = await bundled.generate({ dir: 'dist', minify: true, sourcemap: false, ...output })
  await bundled.close()
  return files
}

/** What jsforce fetches with carries a URL class of its own for Nodes without one; it makes newer Nodes print a warning. */
const resolve = { alias: { 'whatwg-url': 'node:url' } }
