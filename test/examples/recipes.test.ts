import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { blocksOf } from '../support/pages.ts'
import { build, privateFolder } from '../support/run.ts'

const hasPython = spawnSync('python3', ['--version']).status === 0
if (!hasPython) console.warn('Skipped: python3 is not on this machine; install it to run the recipe for Airflow')

beforeAll(build)

describe('a recipe', () => {
  it('of cron loads the file, and writes into its log what is left to do', () => {
    const { folder, runInShell } = openPlace()
    const line = cronLine('docs/recipes.md')
    expect(line).toContain('cd /data')
    const { status } = runInShell(line.replace('/data', folder).replace('/var/log', folder))
    expect(status).toBe(3)
    const log = readFileSync(join(folder, 'sfbulk.log'), 'utf8')
    expect(log).toContain('35 of 40 rows of accounts.csv upserted')
    expect(log).toMatch(/^Account: some rows rejected, see accounts\.errors\.csv$/m)
  })

  it('of cron keeps a copy in step', () => {
    const { runInShell } = openPlace()
    expect(runInShell('sfbulk sync init crm.db --object Lead --fields LastName,Company -q').status).toBe(0)
    expect(runInShell(cronLine('docs/sync.md'))).toEqual({ status: 0, stdout: '', stderr: '' })
  })

  it('of a copy is a line or a file that sync takes', () => {
    const { folder, runInShell } = openPlace()
    const [, line = ''] = blocksOf('docs/sync.md').flatMap(({ language, text }) => (language === 'sh' ? [text] : []))
    expect(line).toContain('--files attachments')
    const [objects = '', rules = ''] = blocksOf('docs/sync.md').flatMap(({ language, text }) => {
      return language === 'yaml' ? [text] : []
    })
    writeFileSync(join(folder, 'objects.yaml'), objects)
    writeFileSync(join(folder, 'rules.yaml'), rules)
    const calls = [
      line,
      'sfbulk sync init several.db --config objects.yaml',
      'sfbulk sync resolve several.db --rules rules.yaml',
    ]
    expect(calls.map((call) => runInShell(call)).map(({ status, stderr }) => (status === 0 ? 0 : stderr))).toEqual([
      0, 0, 0,
    ])
  })

  it('of CI checks, loads and leaves a report', () => {
    const { folder, runInShell } = openPlace()
    const [{ text } = { text: '' }] = blocksOf('docs/recipes.md').filter(({ language }) => language === 'yaml')
    const steps = (parse(text) as { run: string }[]).map(({ run }) => run)
    // The program is here already.
    expect(steps.shift()).toBe('npm install --global sfbulk')
    expect(steps.map((step) => runInShell(step).status)).toEqual([3, 3])
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toContain('35 of 40 rows')
  })

  it('of Kubernetes loads, and goes on with the run of a pod that was lost', () => {
    const { folder, runInShell } = openPlace()
    const job = parse(readFileSync('examples/recipes/kubernetes-job.yaml', 'utf8'))
    const [container] = job.spec.template.spec.containers
    expect(container.command).toEqual(['sh', '-c'])
    const first = runInShell(container.args[0])
    expect(first.status).toBe(3)
    expect(first.stderr).toContain('"type":"written"')

    const left = runInShell('sfbulk upsert Contact contacts.csv -i ERP_Id__c --async -q')
    expect(left.status).toBe(0)
    const second = runInShell(container.args[0])
    expect(second.status).toBe(3)
    expect(readFileSync(join(folder, 'contacts.success.csv'), 'utf8')).toContain('Huber')
    const { values } = job.spec.podFailurePolicy.rules[0].onExitCodes
    expect(values).toEqual([2, 3, 4])
  })

  it('of Airflow submits, collects and hands on the account', { skip: !hasPython }, () => {
    const { folder, runInShell } = openPlace()
    writeAirflow(join(folder, 'airflow'))
    const dag = readFileSync('examples/recipes/airflow_dag.py', 'utf8').replace('/data', folder)
    writeFileSync(join(folder, 'dag.py'), dag)
    const { status, stdout } = runInShell('python3 dag.py')
    expect(status).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject({ rows: { read: 40, accepted: 35, rejected: 5 }, exitCode: 3 })
  })

  it('of an image is a Dockerfile whose entry point is the program', () => {
    // Not executed: the image installs the package from the registry, and needs a daemon to be built.
    const lines = readFileSync('examples/recipes/Dockerfile', 'utf8').split('\n')
    expect(lines).toContain('ENTRYPOINT ["sfbulk"]')
    expect(lines).toContainEqual(expect.stringMatching(/^RUN npm install --global sfbulk /))
  })
})

/** A folder with the examples, where `sfbulk` is the built program and goes to the local org. */
function openPlace() {
  const folder = privateFolder()
  cpSync('examples', folder, { recursive: true })
  const bin = join(folder, '.bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'sfbulk'), `#!/bin/sh\nexec "${process.execPath}" "${resolve('bin/sfbulk.js')}" "$@"\n`)
  chmodSync(join(bin, 'sfbulk'), 0o755)
  const env = {
    PATH: [bin, join(folder, 'recipes'), process.env.PATH].join(delimiter),
    TMPDIR: process.env.TMPDIR,
    SFBULK_HOME: join(folder, '.home'),
    SFBULK_KEYCHAIN: 'none',
    SF_TARGET_ORG: 'local',
  }
  const runInShell = (line: string) => {
    const { status, stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: folder, encoding: 'utf8', env })
    return { status, stdout, stderr }
  }
  return { folder, runInShell }
}

/** The command of the crontab on a page. */
function cronLine(page: string): string {
  const lines = blocksOf(page).flatMap(({ text }) => text.split('\n'))
  return lines.find((line) => line.includes(' * * * '))?.replace(/^\S+ \S+ \* \* \* +/, '') ?? ''
}

/** As much of Airflow as the recipe uses: tasks are called at once, a sensor until it is done. */
function writeAirflow(folder: string): void {
  mkdirSync(join(folder, 'sensors'), { recursive: true })
  writeFileSync(join(folder, '__init__.py'), '')
  writeFileSync(join(folder, 'sensors/__init__.py'), '')
  writeFileSync(join(folder, 'exceptions.py'), 'class AirflowFailException(Exception):\n    pass\n')
  writeFileSync(
    join(folder, 'sensors/base.py'),
    `class PokeReturnValue:
    def __init__(self, is_done, xcom_value=None):
        self.is_done, self.xcom_value = is_done, xcom_value
`,
  )
  writeFileSync(
    join(folder, 'decorators.py'),
    `import json

def dag(**settings):
    return lambda function: function

class Task:
    def __call__(self, function):
        return function

    def sensor(self, **settings):
        def decorate(poke):
            def run(*values):
                answer = poke(*values)
                while not answer.is_done:
                    answer = poke(*values)
                print(json.dumps(answer.xcom_value))
            return run
        return decorate

task = Task()
`,
  )
}
