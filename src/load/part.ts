import type { SourcePosition } from '../csv/records.ts'
import type { KeyLog } from './key-log.ts'
import type { RowKeys } from './row-keys.ts'
import type { RowPlaces } from './row-log.ts'

/** One range of the input that travels as one job. */
export interface Part {
  /** From 1, in the order of the input. */
  readonly number: number
  readonly from: SourcePosition
  readonly to: SourcePosition
  /** Rows of the input in the range, those that are not sent included. */
  readonly rows: number
  /** Rows that are sent. */
  readonly sent: number
  /** Bytes that are sent, the header line included. */
  readonly bytes: number
  /** Hash of the bytes that are sent, in hex: the same input and mapping give it again. */
  readonly digest: string
  /** Whether it was not to be sent, since a row before it was rejected. */
  readonly isBehindReject?: boolean
  /** Where its rows stand, when every one of them is sound and sent. */
  readonly places: RowPlaces | undefined
  /** Keys of the rows that are sent, when they were noted. */
  readonly keys: NotedKeys | undefined
}

/** Keys of rows, and what they are made of. */
export interface NotedKeys {
  readonly of: RowKeys
  readonly log: KeyLog
}

/** What was noted of the part's rows is not read any more. */
export function forgetRows({ places, keys }: Pick<Part, 'places' | 'keys'>): void {
  places?.close()
  keys?.log.close()
}
