import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Where `node scripts/clients.js` puts programs of other makers. */
export const clientsFolder = resolve(process.env.SFBULK_CLIENTS ?? '.clients')

/** The Node of that major version: this one, or one of the clients; undefined where it is not installed. */
export function findNode(major: 20 | 22 | 24): string | undefined {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath
  const isWindows = process.platform === 'win32'
  const name = `node-${isWindows ? 'win' : process.platform}-${process.arch}`
  const file = join(clientsFolder, `node-${major}/node_modules`, name, isWindows ? 'bin/node.exe' : 'bin/node')
  return existsSync(file) ? file : undefined
}
