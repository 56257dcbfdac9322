import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { isSea } from 'node:sea'
import { fileURLToPath } from 'node:url'
import { recordCells } from '../csv/cells.ts'
import { delimiters } from '../csv/dialect.ts'
import { type CsvSource, recordFault } from '../csv/records.ts'
import { openCsvSource } from '../csv/source.ts'
import { UsageError } from '../errors.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { type Proposal, proposeMapping, type SampledColumn } from '../mapping/proposal/propose-mapping.ts'
import { renderProposal, toMapping } from '../mapping/proposal/render-proposal.ts'
import { showable } from '../ui/showable.ts'
import { askAboutColumns } from './ask-mapping.ts'
import { refuseTerminal } from './check-streams.ts'
import type { CommandCall } from './command.ts'
import type { mapOptions } from './map.ts'
import type { OptionValues } from './option.ts'
import { logTo, withOrg } from './with-org.ts'

type MapCall = CommandCall<OptionValues<typeof mapOptions>>

/** Rows that are looked at. */
const sampleRows = 1000

/** Proposes a mapping and prints it. */
export async function run(call: MapCall): Promise<ExitCode> {
  const { options, io } = call
  const [object = '', file = ''] = call.arguments
  if (options.interactive && (io.stdin.isTTY !== true || io.stderr.isTTY !== true || file === '-')) {
    throw new UsageError('--interactive asks on a terminal, and there is none', { hint: 'leave it out' })
  }
  if (file === '-') refuseTerminal(io)
  const columns = await readSample(call, file)
  const described = await withOrg({ options, io, log: logTo(io, options.verbose) }, (org) => org.describe(object))
  const proposed = proposeMapping(columns, described)
  const proposal = options.interactive ? await askAboutColumns(proposed, columns, described, call) : proposed
  if (options.json) {
    const { entries, ignored, missing } = proposal
    const guesses = entries.filter(({ isGuess }) => isGuess)
    const result = { sobject: described.name, mapping: toMapping(proposal), guesses, ignored, missing }
    io.stdout.write(`${JSON.stringify({ ...result, exitCode: exitCodes.done.code })}\n`)
  } else {
    io.stdout.write(await renderProposal(proposal, file === '-' ? 'standard input' : file, schemaPath()))
  }
  if (!options.quiet) io.stderr.write(`${showable(renderCounts(proposal))}\n`)
  return exitCodes.done.code
}

async function readSample({ options, io }: MapCall, file: string): Promise<readonly SampledColumn[]> {
  const spoolFolder = await mkdtemp(join(tmpdir(), 'sfbulk-map-'))
  try {
    const source = await openCsvSource({
      path: file === '-' ? undefined : resolve(io.folder, file),
      name: file === '-' ? undefined : file,
      stdin: io.stdin,
      spoolFolder,
      delimiter: options.columnDelimiter && delimiters[options.columnDelimiter],
      encoding: options.encoding,
    })
    try {
      return await sampleColumns(source)
    } finally {
      await source.close()
    }
  } finally {
    await rm(spoolFolder, { recursive: true, force: true })
  }
}

async function sampleColumns(source: CsvSource): Promise<readonly SampledColumn[]> {
  const rows: string[][] = []
  for await (const block of source.records()) {
    for (let record = 0; record < block.count && rows.length < sampleRows; record++) {
      const fault = block.fault[record]
      if (fault === recordFault.none) rows.push(recordCells(block, record))
      if (fault === recordFault.encoding) throw wrongEncoding(source, block.line[record]!)
    }
    if (rows.length >= sampleRows) break
  }
  return source.header.map((name, index) => ({ name, cells: rows.map((cells) => cells[index] ?? '') }))
}

function wrongEncoding({ name, dialect }: CsvSource, line: number): UsageError {
  return new UsageError(`${name}:${line}: the row holds bytes that are no characters in ${dialect.encoding}`, {
    code: 'WRONG_ENCODING',
    hint: 'name the right encoding, such as --encoding windows-1252, here and for the load',
  })
}

function renderCounts({ entries, ignored, missing }: Proposal): string {
  const guesses = entries.filter(({ isGuess }) => isGuess).length
  const parts = [
    `${entries.length} ${entries.length === 1 ? 'column is' : 'columns are'} mapped`,
    guesses > 0 ? `${guesses} of them by a guess: check the notes` : '',
    ignored.length > 0 ? `left out: ${ignored.map(({ column }) => column).join(', ')}` : '',
    missing.length > 0 ? `a new record needs ${missing.map(({ field }) => field).join(', ')} as well` : '',
  ]
  return parts.filter((part) => part !== '').join('; ')
}

/** Of the JSON Schema in the package; this file stands in `dist/` then. An executable has no package. */
function schemaPath(): string | undefined {
  return isSea() ? undefined : fileURLToPath(new URL('../schemas/mapping.schema.json', import.meta.url))
}
