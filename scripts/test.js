// `npm test`: makes the checkout ready, then runs the tests. What follows `--` goes to vitest.
import { spawnSync } from 'node:child_process'
import { prepare, root } from './prepare.js'

prepare()
const vitest = `${root}/node_modules/vitest/vitest.mjs`
const { status } = spawnSync(process.execPath, [vitest, 'run', ...process.argv.slice(2)], {
  cwd: root,
  stdio: 'inherit',
})
process.exitCode = status ?? 1
