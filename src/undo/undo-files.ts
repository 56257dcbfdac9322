import { join } from 'node:path'

/** In the folder of a run: the Ids of the records that it has written. */
export function writtenIdsPath(folder: string): string {
  return join(folder, 'written.ids')
}

/** In the folder of a run: how its records were before it and after it. */
export function imagePath(folder: string): string {
  return join(folder, 'undo.db')
}
