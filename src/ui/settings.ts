import { renderTable } from './table.ts'

export interface ShownSetting {
  readonly name: string
  /** Null: none. */
  readonly value: string | null
  readonly origin: string
}

interface ShownConfig {
  readonly settings: readonly ShownSetting[]
  /** Variables of a connection, secrets struck out. */
  readonly connection: readonly ShownSetting[]
  readonly files: readonly { readonly path: string; readonly found: boolean }[]
}

/** A table of settings, one of variables, and the files that were looked for. */
export function renderSettings({ settings, connection, files }: ShownConfig): readonly string[] {
  return [
    ...table('setting', settings),
    '',
    ...(connection.length === 0 ? [] : [...table('variable', connection), '']),
    ...files.map(({ path, found }) => `${path}${found ? '' : ' (not there)'}`),
  ]
}

function table(title: string, settings: readonly ShownSetting[]): readonly string[] {
  return renderTable(
    [
      { title, cell: ({ name }) => name },
      { title: 'value', cell: ({ value }) => value ?? '' },
      { title: 'from', cell: ({ origin }) => origin },
    ],
    settings,
  )
}
