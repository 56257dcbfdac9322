// How src/ is bundled: into files for the package, into one for the executable.
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { helpPlugin } from './help-texts.js'
import { kernelPlugin } from './kernel.js'

/**
 * The program, the library and the thread of the local org; everything behind import() is in files of its own, so that a start
 * reads little. They are CommonJS: with modules of the other kind, which Node links in many steps, a query asks its first
 * question 30 ms later. Native code cannot be bundled: libsql and the keychain stay dependencies that are resolved at run time.
 */
export async function bundleProgram() {
  const input = {
    'command-line': 'src/command-line.ts',
    library: 'src/library/library.ts',
    'local-org-thread': 'src/local-org/thread.ts',
  }
  const external = ['libsql', '@napi-rs/keyring']
  const files = await bundle(
    // The chunk group needs it: an entry may share its file with what others use of it.
    { input, external, plugins: [kernelPlugin()], preserveEntrySignatures: 'allow-extension' },
    { codeSplitting: { groups: [connecting] } },
  )
  const library = files.find((file) => file.name === 'library')
  return [...files, { type: 'chunk', isEntry: true, fileName: 'library.js', code: reexport(library) }]
}

/** What nearly every command needs to reach an org, in one file: each file more takes a third of a millisecond to find and to load. */
const connecting = {
  name: 'connecting',
  test: /\/src\/(?:org|connections|runs)\/|\/src\/settle-all\.ts|\/src\/commands\/(?:config-file|local-org-file|recorded-run|talk|with-org)\.ts/,
  minShareCount: 5,
  // What every start needs stays where it is.
  includeDependenciesRecursively: false,
}

/** The library as a module for `import`: its names could be missed when they are read from minified CommonJS. */
function reexport({ fileName, exports: names }) {
  return `import library from './${fileName}'\nexport const { ${names.join(', ')} } = library\n`
}

/** What answers `--version` and `--help`. */
export async function bundleStart() {
  const commandLine = {
    name: 'command-line',
    resolveId: (id) => (id === './command-line.ts' ? { id: './command-line.cjs', external: true } : undefined),
  }
  return await bundle({ input: 'src/main.ts', plugins: [helpPlugin(), commandLine] })
}

/** The files that come of an entry, as rolldown gives them. */
export async function bundle(input, output = {}) {
  const plugins = [lateRequirePlugin(), ...(input.plugins ?? [])]
  const bundled = await rolldown({ platform: 'node', checks: { pluginTimings: false }, resolve, ...input, plugins })
  const { output: files } = await bundled.generate({
    ...commonJs,
    dir: 'dist',
    minify: true,
    sourcemap: false,
    ...output,
  })
  await bundled.close()
  return files
}

/** What the sources have Node load late, by `createRequire`, is bundled, too, and run when it is asked for; native code is left to Node. */
function lateRequirePlugin() {
  return {
    name: 'late require',
    transform: (code, id) =>
      id.endsWith('load-soql-parser.ts') ? code.replace('createRequire(import.meta.url)', 'require') : undefined,
  }
}

const commonJs = {
  format: 'cjs',
  // import() itself would bring the loader of the other kind of modules with it.
  dynamicImportInCjs: false,
  entryFileNames: '[name].cjs',
  chunkFileNames: '[name]-[hash].cjs',
}

/**
 * What jsforce fetches with carries a URL class of its own for Nodes without one; it makes newer Nodes print a warning. The parser
 * of SOQL has a build for each kind of modules; the program holds one of them, however it is asked for.
 */
const resolve = {
  alias: {
    'whatwg-url': 'node:url',
    '@jetstreamapp/soql-parser-js': fileURLToPath(import.meta.resolve('@jetstreamapp/soql-parser-js')),
  },
}
