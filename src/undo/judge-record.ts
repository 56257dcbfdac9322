import type { ReadField } from '../extract/read-records.ts'

/** A record's cells by the names of their fields. */
export type RecordState = ReadonlyMap<string, string>

/** Somebody else has changed a record since its run, or it cannot be put back. */
export interface Conflict {
  readonly kind: 'conflict'
  readonly reason: string
  /** The fields that it is about, where it is about some. */
  readonly fields: readonly string[]
}

/** What becomes of a record when its run is undone. */
export type UndoVerdict =
  | { readonly kind: 'undo' }
  /** It is as it was before the run already. */
  | { readonly kind: 'done' }
  | Conflict

/** How a record that a run has written was, is and should be; undefined where that is not known, or there is none. */
export interface RecordHistory {
  readonly before: RecordState | undefined
  readonly after: RecordState | undefined
  readonly now: RecordState | undefined
}

/** What is compared of records, and how strictly. */
export interface JudgeOptions {
  /** The fields that the run has filled. */
  readonly filled: readonly ReadField[]
  /** Changes by others are no reason to leave a record as it is. */
  readonly force: boolean
}

const undo: UndoVerdict = { kind: 'undo' }
const done: UndoVerdict = { kind: 'done' }

/** Of a record that was there before the run, and of which nothing was kept. */
export const unknownFormerValues: Conflict = {
  kind: 'conflict',
  reason: 'its former values were not kept, for which the run would have needed --undo',
  fields: [],
}

/** Whether a record that the run created may be deleted. Where its state after the run is not known, its author's word counts. */
export function judgeCreated({ after, now }: RecordHistory, options: JudgeOptions): UndoVerdict {
  if (now === undefined || isDeleted(now)) return done
  if (options.force) return undo
  if (after !== undefined) return judgeChange(after, now, options)
  const isUntouched = isOneWrite(now.get('CreatedDate') ?? '', stampOf(now)) && isOneAuthor(now)
  return isUntouched ? undo : changed(now, [])
}

/** Whether the former values of a record may be put back. */
export function judgeUpdated({ before, after, now }: RecordHistory, options: JudgeOptions): UndoVerdict {
  if (before === undefined) return unknownFormerValues
  if (now === undefined || isDeleted(now)) return conflict('it was deleted since the run')
  if (options.filled.every((field) => isSame(field, cellOf(before, field), cellOf(now, field)))) return done
  if (options.force) return undo
  if (after === undefined)
    return conflict('how the run left it is not known; --force puts its values back all the same')
  return judgeChange(after, now, options)
}

/** Whether a record that the run deleted may come back. */
export function judgeDeleted({ now }: RecordHistory): UndoVerdict {
  if (now === undefined) return conflict('it is not in the recycle bin any more')
  return isDeleted(now) ? undo : done
}

function judgeChange(after: RecordState, now: RecordState, { filled }: JudgeOptions): UndoVerdict {
  const fields = filled.filter((field) => !isSame(field, cellOf(after, field), cellOf(now, field)))
  const isStamped = !isSame(dateTime, stampOf(after), stampOf(now)) || authorOf(after) !== authorOf(now)
  if (fields.length === 0 && !isStamped) return undo
  return changed(
    now,
    fields.map(({ name }) => name),
  )
}

function changed(now: RecordState, fields: readonly string[]): UndoVerdict {
  const what = fields.length === 0 ? 'it' : fields.join(', ')
  const author = authorOf(now)
  return conflict(`${what} changed since the run, at ${stampOf(now)}${author === '' ? '' : ` by ${author}`}`, fields)
}

function conflict(reason: string, fields: readonly string[] = []): Conflict {
  return { kind: 'conflict', reason, fields }
}

/** Whether a record has the dates of one write: most services stamp it with one moment, some with two close to each other. */
function isOneWrite(created: string, changed: string): boolean {
  return created === changed || Math.abs(Date.parse(changed) - Date.parse(created)) < 100
}

/** Some objects do not say who wrote a record first or last, which speaks against nobody. */
function isOneAuthor(now: RecordState): boolean {
  const creator = now.get('CreatedById')
  const author = now.get('LastModifiedById')
  return creator === undefined || author === undefined || creator === author
}

const dateTime: ReadField = { name: '', type: 'datetime' }

function isDeleted(now: RecordState): boolean {
  return now.get('IsDeleted') === 'true'
}

function stampOf(state: RecordState): string {
  return state.get('LastModifiedDate') ?? state.get('SystemModstamp') ?? ''
}

function authorOf(state: RecordState): string {
  return state.get('LastModifiedById') ?? ''
}

function cellOf(state: RecordState, { name }: ReadField): string {
  return state.get(name) ?? ''
}

/** Whether two texts that the service gave spell one value: its APIs spell numbers and moments differently. */
function isSame({ type }: ReadField, a: string, b: string): boolean {
  if (a === b) return true
  if (a === '' || b === '') return false
  if (numberTypes.has(type)) return Number(a) === Number(b)
  if (type === 'datetime') return Date.parse(a) === Date.parse(b)
  return type === 'textarea' && a.replaceAll('\r\n', '\n') === b.replaceAll('\r\n', '\n')
}

const numberTypes: ReadonlySet<string> = new Set(['int', 'long', 'double', 'currency', 'percent'])
