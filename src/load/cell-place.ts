import type { Comparison } from './canonical-cell.ts'
import type { ComputedCells } from './computed-cells.ts'

/** Where the value of one sent column is found in a record. An index below 0: nowhere. */
export type CellPlace =
  | { readonly index: number; readonly comparison: Comparison }
  | { readonly constant: Buffer }
  | { readonly cells: ComputedCells; readonly column: number; readonly comparison: Comparison }
