import { existsSync, readFileSync } from 'node:fs'
import { CommanderError } from 'commander'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { commands } from '../src/commands/table.ts'
import { buildProgram } from '../src/program.ts'
import { type Block, blocksOf, callsIn, pages } from './support/pages.ts'

const blocks = pages.flatMap(blocksOf)

/** What becomes of the blocks that are no `console`, which test/pages.test.ts executes; by page, in the order of the page. */
const others: Readonly<Record<string, readonly string[]>> = {
  'README.md': ['not executed: `npm start` and `npm test` are what runs this test'],
  'CONTRIBUTING.md': ['not executed: its lines run this test, or for hours; scripts and files are looked up below'],
  'docs/connections.md': [
    'not executed: variables of an org that is not there; each is a variable that the program reads',
    'not executed: logins that need an org which anyone can reach; their options are understood, as below',
  ],
  'docs/library.md': ['executed by test/package/package.test.ts'],
  'docs/local-org.md': Array.from({ length: 8 }, () => 'executed by test/clients/local-org-page.test.ts'),
  'docs/quick-start.md': ['executed by test/package/package.test.ts, with the packed package'],
  'docs/recipes.md': ['executed by test/examples/recipes.test.ts', 'executed by test/examples/recipes.test.ts'],
  'docs/sync.md': Array.from({ length: 4 }, () => 'executed by test/examples/recipes.test.ts'),
}

describe('a block of a page', () => {
  it('is executed by a test, or named here with the reason why not', () => {
    const found = blocks.filter(({ language }) => language !== 'console').map(({ page }) => page)
    const named = Object.entries(others).flatMap(([page, fates]) => fates.map(() => page))
    expect(found.sort()).toEqual(named.sort())
    for (const fate of Object.values(others).flat()) {
      const [, file] = /(test\/\S+\.ts)/.exec(fate) ?? []
      if (file !== undefined) expect([file, existsSync(file)]).toEqual([file, true])
    }
  })

  it('calls scripts that are there', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'))
    const lines = blocks.filter(({ language }) => language === 'sh').flatMap(({ text }) => text.split('\n'))
    const named = lines.flatMap((line) => /^npm (?:run )?(?!install)([\w:]+)/.exec(line)?.[1] ?? [])
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([])
    const release = parse(readFileSync('.github/workflows/release.yml', 'utf8')) as Workflow
    const steps = Object.values(release.jobs).flatMap((job) => job.steps.flatMap(({ run = '' }) => run.split('\n')))
    const called = steps.flatMap((line) => /^npm run ([\w:]+)/.exec(line)?.[1] ?? [])
    expect([called, called.filter((name) => scripts[name] === undefined)]).toEqual([['test:nodes', 'executable'], []])
    expect(steps.filter((line) => line.startsWith('npm publish'))).toEqual(['npm publish --provenance --access public'])
    const files = lines.flatMap((line) => /^node (scripts\/\S+)/.exec(line)?.[1] ?? [])
    expect(files.filter((file) => !existsSync(file))).toEqual([])
    expect(named.length + files.length).toBeGreaterThan(5)
  })
})

interface Workflow {
  readonly jobs: Readonly<Record<string, { readonly steps: readonly { readonly run?: string }[] }>>
}

describe('a call of sfbulk', () => {
  it.each(pages)('in a block or a sentence of %s is one that the program understands', (page) => {
    const inText = [...readFileSync(page, 'utf8').matchAll(/(?<!`)`(sfbulk [^`\n]+)`/g)].map(([, line = '']) =>
      line.replaceAll('\\|', '|'),
    )
    const inBlocks = blocksOf(page).map(linesOf)
    const calls = [...inText, ...inBlocks].flatMap(callsIn)
    expect(calls.map(faultOf).filter(Boolean)).toEqual([])
  })

  it('in an example of the help is one', () => {
    const calls = commands.flatMap(({ examples }) => examples).flatMap(({ line }) => callsIn(line))
    expect(calls.length).toBeGreaterThan(60)
    expect(calls.map(faultOf).filter(Boolean)).toEqual([])
  })

  it('in a recipe is one', () => {
    const job = parse(readFileSync('examples/recipes/kubernetes-job.yaml', 'utf8'))
    const script = job.spec.template.spec.containers[0].args[0]
    const calls = [script, readFileSync('examples/recipes/nightly-load.sh', 'utf8')].flatMap(callsIn)
    expect(calls.length).toBe(5)
    expect(calls.map(faultOf).filter(Boolean)).toEqual([])
  })
})

/** What is typed: without the prompts of a `console`, the times of a crontab and the keys of YAML. */
function linesOf({ language, text }: Block): string {
  if (language === 'console') return text.replaceAll(/^(?!\$ ).*$/gm, '').replaceAll(/^\$ /gm, '')
  if (language === 'js' || language === 'json') return ''
  return text.replaceAll(/^\S+ \S+ \* \* \* +/gm, '').replaceAll(/^ *- run: /gm, '')
}

/** Why the parser does not take a line; arguments that a sentence leaves out are no fault. */
function faultOf(words: readonly string[]): string | undefined {
  const program = buildProgram({ write: () => undefined, writeError: () => undefined }, async () => undefined)
  try {
    program.parse(
      words.filter((word) => word !== '…'),
      { from: 'user' },
    )
    return undefined
  } catch (error) {
    if (!(error instanceof CommanderError)) return `sfbulk ${words.join(' ')}: ${error}`
    const isFault = /unknown|invalid|excess|conflict/i.test(error.code) || /unknown/.test(error.message)
    return isFault ? `sfbulk ${words.join(' ')}: ${error.message}` : undefined
  }
}
