// Writes the types of the library to dist/types/: what library.ts declares, and the files that these declarations name.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { root } from './prepare.js'

const made = mkdtempSync(join(tmpdir(), 'sfbulk-types-'))
const words = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--rootDir', 'src', '--outDir', made]
const { stdout } = spawnSync(
  process.execPath,
  [`${root}/node_modules/typescript/bin/tsc`, '--project', 'tsconfig.types.json', ...words],
  { cwd: root, encoding: 'utf8' },
)
// Types of other files may be such that they cannot be declared; they are not needed.
if (stdout.includes('src/library/')) throw new Error(stdout)

const target = join(root, 'dist/types')
rmSync(target, { recursive: true, force: true })
const files = new Set([join(made, 'library/library.d.ts')])
for (const file of files) {
  for (const [, named] of readFileSync(file, 'utf8').matchAll(/from '(\.[^']+)'/g)) {
    const found = resolve(dirname(file), named.replace(/\.(?:ts|js)$/, '.d.ts'))
    if (existsSync(found)) files.add(found)
  }
  const place = join(target, relative(made, file))
  mkdirSync(dirname(place), { recursive: true })
  cpSync(file, place)
}
rmSync(made, { recursive: true, force: true })
