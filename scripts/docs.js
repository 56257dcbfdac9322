// Writes docs/commands.md from the help of the program, docs/exit-codes.md from the table of exit codes,
// docs/retries.md from the table of retries, and the JSON Schemas of mapping and config files.
// `--check` writes nothing and fails when a page is not what it should be.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { importSource } from './import-source.js'
import { renderLicences } from './licences.js'
import { renderManPage } from './man-page.js'

process.chdir(fileURLToPath(new URL('..', import.meta.url)))
const { buildProgram } = await importSource('src/program.ts')
const { commands } = await importSource('src/commands/table.ts')
const { exitCodes } = await importSource('src/exit-codes.ts')
const { renderConfigSchema } = await importSource('src/commands/config-schema.ts')
const { renderMappingSchema } = await importSource('src/mapping/mapping-schema.ts')

const retries = await importSource('src/org/retry-table.ts')
const rowRemedies = {
  alone: 'sent again beside its siblings, the rows with the same parent, when the others are through',
  fewer: 'sent again in smaller jobs, so that fewer rows share a transaction',
}

const pages = {
  'THIRD-PARTY-LICENSES.md': await renderLicences(),
  'docs/commands.md': renderCommands(),
  'docs/exit-codes.md': renderExitCodes(),
  'man/sfbulk.1': renderManPage({ ...readManifest(), commands: commands.filter(({ hidden }) => !hidden), exitCodes }),
  'docs/retries.md': renderRetries(retries),
  'schemas/config.schema.json': `${JSON.stringify(renderConfigSchema(), null, 2)}\n`,
  'schemas/mapping.schema.json': `${JSON.stringify(renderMappingSchema(), null, 2)}\n`,
}
for (const [path, text] of Object.entries(pages)) {
  if (!process.argv.includes('--check')) writeFileSync(path, text)
  else if (readOrNothing(path) !== text) {
    console.error(`${path} is not up to date: run npm run docs`)
    process.exitCode = 1
  }
}

function readManifest() {
  return JSON.parse(readFileSync('package.json', 'utf8'))
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

function renderRetries({
  requestCauses,
  rowCauses,
  orgIsFull,
  rowRounds,
  restarts,
  restartPause,
  longestDelay,
  longestRetryAfter,
  mostRenewals,
}) {
  const causes = requestCauses.map(({ signal, remedy }) => `| ${signal} | ${renderRemedy(remedy, mostRenewals)} |`)
  const again = Object.values(restarts).map(({ what, tries }) => `| ${what} | ${tries} |`)
  const rowSignals = rowCauses.map(({ signal, remedy }) => `| ${signal} | ${rowRemedies[remedy]} |`)
  const rounds = rowRounds.map(({ pause, alone, fewer }, index) => {
    return `| ${index + 1} | ${pause / 1000} s | ${alone} | ${fewer} |`
  })
  const pauses = [1, 2, 3].map((failures) => restartPause(failures) / 1000)
  return `# What is tried again

Generated from \`src/org/retry-table.ts\` by \`npm run docs\`.

## Requests

The first line that fits decides. A request that may have been carried out although its answer is missing is sent again only
if that does no harm; otherwise the program asks the org what became of it. The pause doubles from try to try, up to
${longestDelay / 1000} seconds, and half of it is left to chance. \`Retry-After\` is followed, in seconds or as a date, up to
${longestRetryAfter / 60_000} minutes.

| what is seen | what is done |
| --- | --- |
${causes.join('\n')}
| any other refusal | ends the step: what asked for it says so, or the rows say why |

## What is begun anew

When the tries of one request are used up, or what it brought is not whole, the step that it belongs to is begun again,
after ${pauses.join(', ')} seconds.

| what | times in all |
| --- | --- |
${again.join('\n')}

## Rows

Of rows that were rejected, those are sent once more whose cause passes, in \`--lock-retries\` rounds (3 when it is not given,
none with 0); their last answer counts. Rows rejected for anything else are for you to mend. After a row with
\`${orgIsFull}\` no further job or call of the load is begun: what is left waits for \`sfbulk resume\`, exit 5.

| what the row says | what is done |
| --- | --- |
${rowSignals.join('\n')}

| round | after | rows of a job: locked | rows of a job: limits |
| --- | --- | --- | --- |
${rounds.join('\n')}

Further rounds are like the last one. One job runs at a time; where that would be more than 50 jobs, they are larger.

## Jobs

The state of a job is asked for until it has ended, or the org has not answered for an hour. A job that the service fails
leaves rows unprocessed, which the errors file holds. When it fails because a limit of the day is reached, such as
\`ExceededQuota\`, no further job is begun: what is left waits for \`sfbulk resume\`, exit 5, and the run then ends with exit 1, as
one of a single job does at once.
`
}

function renderRemedy(remedy, mostRenewals) {
  if (remedy.kind === 'renew') return `one new login for all requests, then again; ${mostRenewals} times, then exit 4`
  const code = exitCodes[remedy.exit ?? 'failed'].code
  if (remedy.kind === 'end') return `ends the run: exit ${code}`
  const { tries, delay, untouched } = remedy
  const which = untouched ? 'any request' : 'a request that does no harm twice'
  return `${which}: ${tries} tries, first pause ${delay / 1000} s; then exit ${code}`
}

function readOrNothing(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
