// Takes the download addresses out of package-lock.json: the lock names versions and checksums, and every machine asks
// the registry that it is set up for. (npm's own option omit-lockfile-registry-resolved also drops the versions of
// optional packages of other platforms, after which `npm ci` refuses the file: npm 11.19.)
// `--check` fails when an address is there, which is what lint runs.
import { readFileSync, writeFileSync } from 'node:fs'

const file = 'package-lock.json'
const lock = JSON.parse(readFileSync(file, 'utf8'))
const named = Object.values(lock.packages).filter((entry) => entry.resolved?.startsWith('http'))

if (process.argv.includes('--check')) {
  if (named.length > 0) {
    console.error(`${file} records ${named.length} download addresses: run node scripts/lock.js`)
    process.exitCode = 1
  }
} else {
  for (const entry of named) delete entry.resolved
  writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
}
