// `npm run test:nodes`: runs the tests of the built program under Node 22 and Node 24. What follows `--` goes to vitest.
import { spawnSync } from 'node:child_process'
import { installClient, nodeProgram } from './install-client.js'
import { prepare, root } from './prepare.js'

prepare()
const failed = ['node-22', 'node-24'].filter((name) => !passes(name))
if (failed.length > 0) {
  console.error(`Tests failed under ${failed.join(' and ')}.`)
  process.exitCode = 1
}

/** vitest and every program that the tests start run under that Node: tests start `process.execPath`. */
function passes(name) {
  const node = nodeProgram(installClient(name))
  console.log(`\n${name}: ${spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout}`)
  const words = [`${root}/node_modules/vitest/vitest.mjs`, 'run', ...process.argv.slice(2)]
  return spawnSync(node, words, { cwd: root, stdio: 'inherit' }).status === 0
}
