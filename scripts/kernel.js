// Compiles assembly/ to WebAssembly, for everything that bundles or runs the sources: the module `sfbulk:kernel` exports the
// bytes. What came of the same sources is kept below node_modules/, since the compiler takes two seconds.
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = join(root, 'assembly')
const cache = join(root, 'node_modules', '.cache')

/** A plugin of rolldown and of vite. */
export function kernelPlugin() {
  const name = 'sfbulk:kernel'
  return {
    name,
    resolveId: (id) => (id === name ? `\0${name}` : undefined),
    async load(id) {
      if (id !== `\0${name}`) return undefined
      const bytes = await compileKernel()
      return `export const kernel = Buffer.from('${bytes.toString('base64')}', 'base64')`
    },
  }
}

async function compileKernel() {
  const sources = readdirSync(folder).filter((file) => file.endsWith('.ts'))
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/assemblyscript/package.json'), 'utf8'))
  const digest = createHash('sha256').update([version, ...options].join(' '))
  for (const file of sources) digest.update(readFileSync(join(folder, file)))
  const path = join(cache, `kernel-${digest.digest('hex').slice(0, 16)}.wasm`)
  try {
    return readFileSync(path)
  } catch {
    const bytes = await compile(sources)
    mkdirSync(cache, { recursive: true })
    const temporary = `${path}.${process.pid}`
    writeFileSync(temporary, bytes)
    renameSync(temporary, path)
    return bytes
  }
}

/** No garbage collector, no checks of its own: the kernel has nothing but the memory that it is given. */
const options = ['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--use', 'abort=']

async function compile(sources) {
  const { default: asc } = await import('assemblyscript/asc')
  let bytes
  const { error, stderr } = await asc.main(
    [...sources.map((file) => `assembly/${file}`), '--baseDir', root, '--outFile', 'kernel.wasm', ...options],
    {
      writeFile: (name, contents) => {
        if (name === 'kernel.wasm') bytes = Buffer.from(contents)
      },
    },
  )
  if (error) throw new Error(`assembly/ does not compile:\n${stderr}`)
  return bytes
}
