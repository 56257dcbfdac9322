import type { WriteColumn } from '../engine.ts'

/**
 * Places of the columns in the order in which a file of results has them. Both orders have been seen of the service: that
 * of the upload or the SELECT, and that of the alphabet.
 */
export function orderColumns(
  columns: readonly Pick<WriteColumn, 'name'>[],
  order: 'uploaded' | 'alphabetical',
): readonly number[] {
  const places = columns.map((_, index) => index)
  if (order === 'uploaded') return places
  return places.sort((a, b) => ((columns[a]?.name ?? '') < (columns[b]?.name ?? '') ? -1 : 1))
}
