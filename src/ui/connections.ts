import { renderTable } from './table.ts'

/** A saved connection, as it is listed. */
export interface ListedConnection {
  readonly alias: string
  readonly username: string
  readonly instanceUrl: string
  /** The flow in words. */
  readonly login: string
  readonly protected: boolean
}

/** A line for each saved connection. */
export function renderConnections(connections: readonly ListedConnection[]): readonly string[] {
  return renderTable(
    [
      { title: 'alias', cell: ({ alias }) => alias },
      { title: 'user', cell: ({ username }) => username },
      { title: 'instance', cell: ({ instanceUrl }) => instanceUrl.replace(/^https:\/\//, '') },
      { title: 'login', cell: ({ login }) => login },
      { title: '', cell: (connection) => (connection.protected ? 'protected' : '') },
    ],
    connections,
  )
}
