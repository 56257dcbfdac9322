// The limits of the bundle: what every start reads, and everything together.
import { readdirSync, readFileSync, statSync } from 'node:fs'

const limits = { entry: 3_000, start: 96_000, everything: 4_000_000 }

const files = readdirSync('dist').filter((name) => /\.c?js$/.test(name))
const sizes = {
  // All that `--version` reads, and `--help` beside the texts.
  entry: statSync('dist/main.cjs').size,
  // What every command reads before its own code: the entry and what it imports up to the parser.
  start: startFiles().reduce((sum, name) => sum + statSync(`dist/${name}`).size, 0),
  everything: files.reduce((sum, name) => sum + statSync(`dist/${name}`).size, 0),
}
for (const [name, size] of Object.entries(sizes)) {
  const limit = limits[name]
  console.log(`${name.padEnd(12)} ${size.toLocaleString('en')} of ${limit.toLocaleString('en')} bytes`)
  if (size > limit) process.exitCode = 1
}
if (process.exitCode === 1) console.error('The bundle is larger than its limit (scripts/size.js).')

function startFiles() {
  const found = new Set(['main.cjs', 'command-line.cjs'])
  for (const name of found) {
    for (const [, imported] of readFileSync(`dist/${name}`, 'utf8').matchAll(/(?:^|[=,;])require\("\.\/([^"]+)"\)/g))
      found.add(imported)
  }
  return [...found]
}
