import { createReadStream, mkdtempSync, readFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse'
import { expect, it, onTestFinished } from 'vitest'
import { start } from '../support/run.ts'
import { columns, expectedFault, writeAccounts } from './accounts.ts'

const rows = Number(process.env.SOAK_ROWS ?? 1_000_000)
/** Of the program with the local org and its database in the same process. */
const mostMegabytes = 600

it(`gives back ${rows.toLocaleString('en')} rows in two files that together are the input, cell for cell and in order`, async () => {
  const cwd = mkdtempSync(join(tmpdir(), 'sfbulk-soak-'))
  onTestFinished(() => rm(cwd, { recursive: true, force: true }))
  onTestFinished(() => rm(`${cwd}.home`, { recursive: true, force: true }))
  const input = join(cwd, 'accounts.csv')
  await writeAccounts(input, rows)

  const { child } = await start('insert Account accounts.csv -o local --json --no-check --job-bytes 20000000', { cwd })
  let peak = 0
  const watch = setInterval(() => {
    peak = Math.max(peak, peakMegabytes(child.pid))
  }, 100)
  const [json, talk, code] = await Promise.all([
    readAll(child.stdout),
    readAll(child.stderr),
    new Promise((resolve) => child.on('close', resolve)),
  ])
  clearInterval(watch)

  const rejected = rowsRejected()
  expect({ code, talk }).toEqual({ code: 3, talk: expect.any(String) })
  expect(JSON.parse(json)).toMatchObject({
    rows: { read: rows, accepted: rows - rejected, rejected, unprocessed: 0, unknown: 0, skipped: 0 },
  })
  await expectAccount(input, join(cwd, 'accounts.success.csv'), join(cwd, 'accounts.errors.csv'))
  expect(peak).toBeLessThan(mostMegabytes)
})

/** Walks through the input and takes each row from the file where it belongs. */
async function expectAccount(input: string, success: string, errors: string): Promise<void> {
  const accepted = records(success)
  const refused = records(errors)
  expect((await accepted.next()).value).toEqual([...columns, 'sf__Id', 'sf__Created'])
  expect((await refused.next()).value).toEqual([...columns, 'sf__Line', 'sf__Id', 'sf__Error'])
  const ids = new Set<string>()
  let number = -1
  let line = 1
  for await (const cells of records(input)) {
    const fault = expectedFault(number)
    const found: string[] | undefined = number < 0 ? undefined : (await (fault ? refused : accepted).next()).value
    if (found !== undefined) {
      // `expect` costs a microsecond or more; a million of them are worth a plain comparison before.
      const own = columns.map((_, index) => cells[index])
      if (!own.every((cell, index) => cell === found[index])) expect(found.slice(0, own.length)).toEqual(own)
      const [first = '', second = '', third = ''] = found.slice(columns.length)
      if (fault === undefined) {
        if (!/^001\w{15}$/.test(first) || second !== 'true') expect([first, second]).toEqual(['an Id', 'true'])
        ids.add(first)
      } else {
        expect({ number, line: Number(first), id: second }).toEqual({ number, line, id: '' })
        expect(third.startsWith(fault) ? fault : third).toBe(fault)
      }
    } else if (number >= 0) {
      expect.fail(`row ${number} stands in neither file`)
    }
    line += cells.reduce((lines, cell) => lines + (cell.match(/\r\n|\r|\n/g)?.length ?? 0), 1)
    number++
  }
  expect([(await accepted.next()).done, (await refused.next()).done]).toEqual([true, true])
  expect(ids.size).toBe(rows - rowsRejected())
}

function rowsRejected(): number {
  let rejected = 0
  for (let number = 0; number < rows; number++) if (expectedFault(number) !== undefined) rejected++
  return rejected
}

function records(path: string): AsyncIterableIterator<string[]> {
  const parser = createReadStream(path, { highWaterMark: 1 << 20 }).pipe(parse({ relax_column_count: true }))
  return parser[Symbol.asyncIterator]()
}

async function readAll(stream: AsyncIterable<Buffer> | null): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream ?? []) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** Most memory of a process so far; 0 where the system does not tell. Source: proc(5). */
function peakMegabytes(pid: number | undefined): number {
  try {
    return (Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024) / 1e6
  } catch {
    return 0
  }
}
