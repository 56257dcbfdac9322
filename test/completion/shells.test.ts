import { spawnSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { privateFolder, run } from '../support/run.ts'

/** How each shell is made to complete a line outside a terminal; zsh's own `_describe` needs one, so it prints instead. */
const drivers = {
  bash: (words: readonly string[]) => `
    source ./completion
    COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
    _sfbulk; printf '%s\\n' "\${COMPREPLY[@]}"`,
  zsh: (words: readonly string[]) => `
    compdef() { :; }; _files() { print :files; }; _describe() { print -l -- "\${(@P)2}" | sed 's/\\([^\\\\]\\):.*/\\1/'; }
    source ./completion
    words=(${words.map((word) => `'${word}'`).join(' ')}); CURRENT=${words.length}
    _sfbulk`,
  fish: (words: readonly string[]) => `
    source ./completion
    complete -C '${words.join(' ')}' | string split -f 1 \\t`,
}

function isMissing(shell: string): boolean {
  const missing = spawnSync(shell, ['--version']).error !== undefined
  if (missing) console.warn(`Skipped: ${shell} is not on this machine; install it to see its completion tested`)
  return missing
}

describe.each(Object.entries(drivers))('in %s', (shell, driver) => {
  it.skipIf(isMissing(shell))(
    'Tab finds commands, words of options, and the objects, fields, runs and orgs that this machine has seen',
    async () => {
      const { stdout, cwd } = await run(`completion ${shell}`)
      await run('describe Invoice__c -o local', { cwd })
      await run('insert Lead leads.csv -o local -q', { cwd, files: { 'leads.csv': 'LastName,Company\nA,One\n' } })
      writeFileSync(join(cwd, 'completion'), stdout)
      writeFileSync(join(cwd, 'sfbulk'), `#!/bin/sh\nexec '${process.execPath}' '${resolve('bin/sfbulk.js')}' "$@"\n`)
      chmodSync(join(cwd, 'sfbulk'), 0o755)
      const complete = (...words: string[]) => {
        const line = spawnSync(shell, ['-c', driver(words)], {
          cwd,
          encoding: 'utf8',
          env: { PATH: `${cwd}:${process.env.PATH}`, HOME: privateFolder(), SFBULK_HOME: `${cwd}.home` },
        })
        return line.stdout.split('\n').filter(Boolean)
      }
      expect(complete('sfbulk', 'ups')).toContain('upsert')
      expect(complete('sfbulk', 'insert', 'Account', '--api', '')).toEqual(['auto', 'bulk', 'soap'])
      expect(complete('sfbulk', 'org', '').sort()).toEqual(['reset', 'start'])
      expect(complete('sfbulk', 'upsert', 'Inv')).toContain('Invoice__c')
      expect(complete('sfbulk', 'upsert', 'Invoice__c', '-i', 'Na')).toContain('Name')
      expect(complete('sfbulk', 'update', 'Invoice__c', '--set', 'Am')).toContain('Amount__c=')
      expect(complete('sfbulk', 'runs', 'show', '')).toEqual([expect.stringMatching(/^\d{8}-\d{6}-\w{4}$/)])
      expect(complete('sfbulk', 'query', '-o', '')).toEqual(['local'])
    },
  )
})
