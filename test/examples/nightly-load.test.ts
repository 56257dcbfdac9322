import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { privateFolder } from '../support/run.ts'

/** Runs the script with a program in place of sfbulk that ends with these codes, one a call. */
function runNightly(codes: readonly number[]) {
  const folder = privateFolder()
  writeFileSync(join(folder, 'codes'), `${codes.join('\n')}\n`)
  const stand = `#!/bin/sh
echo "$*" >> "${folder}/calls"
code=$(head -n 1 "${folder}/codes")
sed -i 1d "${folder}/codes"
exit "$code"
`
  writeFileSync(join(folder, 'sfbulk'), stand)
  chmodSync(join(folder, 'sfbulk'), 0o755)
  const { status, stdout } = spawnSync(resolve('examples/recipes/nightly-load.sh'), ['Account', 'a.csv', 'Key__c'], {
    encoding: 'utf8',
    env: { PATH: `${folder}:${process.env.PATH}`, TMPDIR: process.env.TMPDIR, PAUSE: '0' },
  })
  const calls = readFileSync(join(folder, 'calls'), 'utf8').trimEnd().split('\n')
  return { status, stdout, calls: calls.map((call) => call.split(' ')[0]) }
}

describe('the nightly load', () => {
  it('goes on with a run that was not finished, and ends with the code of the last', () => {
    expect(runNightly([5, 5, 3])).toEqual({
      status: 3,
      stdout: 'Account: some rows rejected, see a.errors.csv\n',
      calls: ['upsert', 'resume', 'resume'],
    })
  })

  it('gives up in the end, and says what goes on', () => {
    const { status, stdout, calls } = runNightly([5, 5, 5, 5])
    expect({ status, calls: calls.length }).toEqual({ status: 5, calls: 4 })
    expect(stdout).toContain('sfbulk resume goes on with it')
  })

  it('does not try again what would fail again', () => {
    expect(runNightly([4])).toMatchObject({ status: 4, calls: ['upsert'] })
  })
})
