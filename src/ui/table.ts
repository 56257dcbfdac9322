import { showable } from './showable.ts'

/** A column of a table for people. */
export interface TableColumn<Row> {
  readonly title: string
  readonly cell: (row: Row) => string
  readonly align?: 'left' | 'right'
}

/** Lines of a table: titles, then a line a row, columns two spaces apart and as wide as their widest cell. */
export function renderTable<Row>(columns: readonly TableColumn<Row>[], rows: readonly Row[]): readonly string[] {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ cell }) => showable(cell(row)))),
  ]
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)))
  return cells.map((line) =>
    line
      .map((text, index) =>
        columns[index]?.align === 'right' ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  )
}
