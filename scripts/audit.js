// `npm run audit`: fails when a package of the lock has a known vulnerability. Where the registry keeps no list of them, or is
// not reached, it says so and does nothing.
import { spawnSync } from 'node:child_process'

const { stdout } = spawnSync('npm', ['audit', '--json'], { encoding: 'utf8', shell: process.platform === 'win32' })
const { metadata, vulnerabilities = {}, message = 'npm gave no answer' } = JSON.parse(stdout || '{}')

if (metadata === undefined) console.log(`Skipped: the registry does not tell of vulnerabilities (${message})`)
else {
  const { total } = metadata.vulnerabilities
  console.log(`${total} vulnerabilities in ${metadata.dependencies.total} packages`)
  for (const { name, severity, range } of Object.values(vulnerabilities)) console.log(`  ${severity}: ${name} ${range}`)
  if (total > 0) process.exitCode = 1
}
