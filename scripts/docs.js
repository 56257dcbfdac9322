// Writes docs/commands.md from the help of the program and docs/exit-codes.md from the table of exit codes.
// `--check` writes nothing and fails when a page is not what it should be.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runnerImport } from 'vite'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const { buildProgram } = await load('/src/program.ts')
const { commands } = await load('/src/commands/table.ts')
const { exitCodes } = await load('/src/exit-codes.ts')

const pages = { 'docs/commands.md': renderCommands(), 'docs/exit-codes.md': renderExitCodes() }
for (const [path, text] of Object.entries(pages)) {
  if (!process.argv.includes('--check')) writeFileSync(path, text)
  else if (readOrNothing(path) !== text) {
    console.error(`${path} is not up to date: run npm run docs`)
    process.exitCode = 1
  }
}

async function load(path) {
  const { module } = await runnerImport(path, { configFile: false, logLevel: 'error' })
  return module
}

function renderCommands() {
  const help = helpOf()
  const sections = commands
    .filter(({ hidden }) => !hidden)
    .map(({ name }) => `## ${name}\n\n\`\`\`text\n${helpOf(name)}\n\`\`\`\n`)
  return [
    '# Commands\n',
    'Generated from the help of the program by `npm run docs`.\n',
    `\`\`\`text\n${help}\n\`\`\`\n`,
    ...sections,
  ].join('\n')
}

function helpOf(name = '') {
  let text = ''
  const collect = (piece) => {
    text += piece
  }
  const program = buildProgram({ write: collect, writeError: collect, columns: 100 }, async () => undefined)
  try {
    program.parse([...name.split(' ').filter(Boolean), '--help'], { from: 'user' })
  } catch (error) {
    if (error.code !== 'commander.helpDisplayed') throw error
  }
  return text.trimEnd()
}

function renderExitCodes() {
  const rows = Object.values(exitCodes).map(({ code, meaning }) => `| ${code} | ${meaning} |`)
  return `# Exit codes

Generated from \`src/exit-codes.ts\` by \`npm run docs\`.

| code | meaning |
| --- | --- |
${rows.join('\n')}
| 130 | a second Ctrl-C: stopped at once |
`
}

function readOrNothing(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
