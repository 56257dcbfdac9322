import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { openCsvSource } from '../../src/csv/source.ts'
import { formatRecords } from '../../src/csv/write.ts'
import { ComputedCells } from '../../src/load/computed-cells.ts'
import type { SentColumn } from '../../src/mapping/compile.ts'
import type { ComputedSource } from '../../src/mapping/mapping.ts'
import { readMappingFile } from '../../src/mapping/mapping-file.ts'
import { field } from '../load/load-in-memory.ts'

/** The source that an entry of a mapping file describes, in YAML: `column: c, date: dd.MM.yyyy`. */
export async function readSource(entry: string): Promise<ComputedSource> {
  const folder = await mkdtemp(join(tmpdir(), 'sfbulk-transform-'))
  await writeFile(join(folder, 'm.yaml'), `fields:\n  F: { ${entry} }\n`)
  const mapping = await readMappingFile(join(folder, 'm.yaml'), 'm.yaml', { environment: {}, folder })
  const source = mapping.entries[0]?.source
  if (source?.kind !== 'computed') throw new Error(`${entry} computes nothing`)
  return source
}

/** What is sent for each cell of a column `c`, or the reject that begins `LOCAL:`. */
export async function transformCells(source: ComputedSource, cells: readonly string[]): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sfbulk-transform-'))
  const path = join(folder, 'c.csv')
  await writeFile(
    path,
    formatRecords(
      ['c', 'd'],
      cells.map((cell) => [cell, 'x']),
    ),
  )
  const input = await openCsvSource({ path, name: path, stdin: Readable.from([]), spoolFolder: folder, delimiter: ',' })
  const described = field('F')
  const column: SentColumn = {
    target: { name: 'F', type: 'string', field: described, isParent: false },
    from: { computed: source, indexes: [0] },
  }
  const computed = new ComputedCells([column], input.header, new Map(), { nullValue: '#N/A', key: undefined })
  const values: string[] = []
  for await (const block of input.records()) {
    for (let record = 0; record < block.count; record++) {
      const reject = computed.evaluate(block, record)
      const { bytes, start, end } = computed.value(0)
      values.push(reject ?? bytes.toString('utf8', start, end))
    }
  }
  await input.close()
  return values
}
