import type { RecordBlock } from '../csv/records.ts'

/** The formats in which a query may write its rows. */
export const formats = ['csv', 'jsonl', 'parquet'] as const
export type Format = (typeof formats)[number]

/** Takes bytes; resolves when there is room for more. */
export type WriteBytes = (bytes: Uint8Array) => Promise<void>

/** Writes one file of records. */
export interface RecordWriter {
  /** The records `from` up to, but without, `to` of a block, which is lent for as long as the call lasts. */
  write(block: RecordBlock, from: number, to: number): Promise<void>
  /** No more records follow. */
  end(): Promise<void>
}
