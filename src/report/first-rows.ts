import { open } from 'node:fs/promises'
import { readFileRange } from '../csv/byte-readers.ts'
import { recordCells } from '../csv/cells.ts'
import { scanRecords } from '../csv/scan.ts'
import { reasonName } from '../load/account.ts'

/** The first rows of an errors file that share a reason. */
export interface RejectedRows {
  /** As `reasonName` gives it. */
  readonly reason: string
  /** Cells of the input, long ones by their beginning, and the line where each row begins in it. */
  readonly rows: readonly { readonly line: string; readonly cells: readonly string[] }[]
}

export interface FirstRows {
  /** Columns of the input. */
  readonly columns: readonly string[]
  readonly reasons: readonly RejectedRows[]
}

const rowsOfReason = 5
const mostReasons = 50

/** Reads the first rows of each reason from an errors file. `path`: absolute; `delimiter`: of the file. */
export async function readFirstRows(path: string, delimiter: string): Promise<FirstRows> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const found = new Map<string, { line: string; cells: readonly string[] }[]>()
    let columns: readonly string[] | undefined
    for await (const block of scanRecords(readFileRange(file, 0, size), { delimiter })) {
      for (let record = 0; record < block.count; record++) {
        const cells = recordCells(block, record)
        if (columns === undefined) {
          columns = cells.slice(0, -serviceColumns).map((name) => name.replace(/^\uFEFF/, ''))
          continue
        }
        const reason = reasonName(cells.at(-1) ?? '')
        const rows = found.get(reason) ?? []
        if (rows.length < rowsOfReason)
          rows.push({ line: cells.at(-serviceColumns) ?? '', cells: cells.slice(0, columns.length).map(beginning) })
        if (found.size < mostReasons) found.set(reason, rows)
      }
    }
    return { columns: columns ?? [], reasons: [...found].map(([reason, rows]) => ({ reason, rows })) }
  } finally {
    await file.close()
  }
}

/** A page is to be looked at: the errors file has the whole text. */
function beginning(cell: string): string {
  return cell.length <= mostCharacters ? cell : `${cell.slice(0, mostCharacters - 1)}…`
}

const mostCharacters = 300

/** `sf__Line`, `sf__Id`, `sf__Error`. */
const serviceColumns = 3
