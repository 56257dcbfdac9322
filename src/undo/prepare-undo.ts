import { open } from 'node:fs/promises'
import { quoteCell } from '../csv/cells.ts'
import type { ReadField, ReadTools } from '../extract/read-records.ts'
import { readWrittenIds, type WrittenRecord } from '../load/written-ids.ts'
import type { ObjectDescription } from '../org/object-description.ts'
import { serviceNull } from '../service-null.ts'
import { formatRowError } from '../values/row-error.ts'
import { findChildren } from './find-children.ts'
import { idField, originFields, stampFields } from './image-fields.ts'
import { ImageStore } from './image-store.ts'
import {
  type JudgeOptions,
  judgeCreated,
  judgeDeleted,
  judgeUpdated,
  type RecordHistory,
  type RecordState,
  type UndoVerdict,
  unknownFormerValues,
} from './judge-record.ts'
import { keepTargets } from './keep-targets.ts'
import { doneVerdict, verdictColumn } from './verdict-gate.ts'

/** What puts records back: those that the run created are deleted, those that it changed get their former values, … */
export type UndoStep = 'delete' | 'update' | 'undelete'

/** One step of an undo. */
export interface UndoPlan {
  readonly step: UndoStep
  readonly object: ObjectDescription
  /** The Ids that the undone run has written. */
  readonly idsFile: string
  /** Which of them the step is about: those that were created, the others, or all. */
  readonly which: 'created' | 'changed' | 'all'
  /** Records that were not created are told as conflicts: their former values are not known. */
  readonly onlyCreated: boolean
  /** What the undone run has kept of its records, where it has. */
  readonly kept: ImageStore | undefined
  /** The CSV that is written. */
  readonly output: string
  /** File for what the undo keeps itself. */
  readonly storeFile: string
  /** Records are put back although they were changed since. */
  readonly force: boolean
}

/** How many records a step is about. */
export interface UndoForecast {
  readonly records: number
  /** Records that will be sent. */
  readonly undo: number
  /** Records that are as they were before the run already. */
  readonly done: number
  readonly conflicts: number
}

export interface UndoTools extends ReadTools {
  readonly note: (text: string) => void
}

/**
 * Reads the records that a run has written as they are now, decides of each whether it is put back, and writes the rows for
 * that, with the verdict on those that are left as they are. What was read is kept, so that the undo can be undone.
 */
export async function prepareUndo(plan: UndoPlan, tools: UndoTools): Promise<UndoForecast> {
  const { step, object, kept } = plan
  const store = ImageStore.open(plan.storeFile, currentFields(step, object, kept))
  try {
    for await (const records of readWrittenIds(plan.idsFile)) store.addTargets(records.filter(concerns(plan.which)))
    await keepTargets(store, 'before', { object, all: true }, tools)
    const filled = filledFields(object, kept)
    const mayTakeChildren = step === 'delete' && !plan.force && hasWork(plan, store, filled)
    const parents = mayTakeChildren ? await findChildren(object, store, tools) : new Map<string, string>()
    return await writeRows(plan, store, filled, parents)
  } finally {
    store.close()
  }
}

function concerns(which: UndoPlan['which']): (record: WrittenRecord) => boolean {
  if (which === 'all') return () => true
  return ({ created }) => created === (which === 'created')
}

function currentFields(step: UndoStep, object: ObjectDescription, kept: ImageStore | undefined): readonly ReadField[] {
  const deleted = object.fields.filter(({ name }) => name === 'IsDeleted').map(({ name, type }) => ({ name, type }))
  const stamps = stampFields(object)
  const fields = {
    delete: [...(kept?.fields ?? [idField]), ...stamps, ...originFields(object), ...deleted],
    update: [...(kept?.fields ?? [idField]), ...stamps, ...deleted],
    undelete: [idField, ...stamps, ...deleted],
  }[step]
  return [...new Map(fields.map((field) => [field.name, field])).values()]
}

/** A record that is to be put back, and whether it is. */
interface JudgedRecord {
  readonly id: string
  readonly before: RecordState | undefined
  readonly verdict: UndoVerdict
}

function* judgeRecords(
  { step, kept, force, onlyCreated }: UndoPlan,
  store: ImageStore,
  filled: readonly ReadField[],
): Generator<readonly JudgedRecord[]> {
  const options: JudgeOptions = { filled, force }
  for (const records of store.targets()) {
    const ids = records.map(({ id }) => id)
    const [before, after, now] = [kept?.find('before', ids), kept?.find('after', ids), store.find('before', ids)]
    yield records.map(({ id, created }) => {
      const history: RecordHistory = {
        before: toState(kept?.fields, before?.get(id)),
        after: toState(kept?.fields, after?.get(id)),
        now: toState(store.fields, now.get(id)),
      }
      const verdict = created || !onlyCreated ? judge(step, history, options) : unknownFormerValues
      return { id, before: history.before, verdict }
    })
  }
}

function hasWork(plan: UndoPlan, store: ImageStore, filled: readonly ReadField[]): boolean {
  for (const records of judgeRecords(plan, store, filled)) {
    if (records.some(({ verdict }) => verdict.kind === 'undo')) return true
  }
  return false
}

async function writeRows(
  plan: UndoPlan,
  store: ImageStore,
  filled: readonly ReadField[],
  parents: ReadonlyMap<string, string>,
): Promise<UndoForecast> {
  const sent = plan.step === 'update' ? filled : []
  const counts = { records: 0, undo: 0, done: 0, conflict: 0 }
  const file = await open(plan.output, 'w', 0o600)
  try {
    await file.writeFile(`${[verdictColumn, 'Id', ...sent.map(({ name }) => name)].join(',')}\n`)
    for (const records of judgeRecords(plan, store, filled)) {
      const lines = records.map(({ id, before, verdict }) => {
        const told = keepChildren(verdict, parents.get(id))
        counts.records++
        counts[told.kind]++
        const values = sent.map(({ name }) => quoteCell(before?.get(name) || serviceNull, ','))
        return `${[quoteCell(spellVerdict(told), ','), id, ...values].join(',')}\n`
      })
      await file.writeFile(lines.join(''))
    }
    await file.sync()
  } finally {
    await file.close()
  }
  const { records, undo, done, conflict } = counts
  return { records, undo, done, conflicts: conflict }
}

/** The fields that the run has filled: those of its image that a user can change. */
function filledFields(object: ObjectDescription, kept: ImageStore | undefined): readonly ReadField[] {
  const updateable = new Set(object.fields.flatMap((field) => (field.updateable ? [field.name] : [])))
  return (kept?.fields ?? []).filter(({ name }) => updateable.has(name))
}

function toState(fields: readonly ReadField[] = [], row: readonly string[] | undefined) {
  return row && new Map(fields.map(({ name }, index) => [name, row[index] ?? '']))
}

function judge(step: UndoStep, history: RecordHistory, options: JudgeOptions): UndoVerdict {
  if (step === 'delete') return judgeCreated(history, options)
  return step === 'update' ? judgeUpdated(history, options) : judgeDeleted(history)
}

/** A record that would take children of others along stays. */
function keepChildren(verdict: UndoVerdict, children: string | undefined): UndoVerdict {
  if (verdict.kind !== 'undo' || children === undefined) return verdict
  return { kind: 'conflict', reason: `deleting it would delete ${children} records that it has got since`, fields: [] }
}

function spellVerdict(verdict: UndoVerdict): string {
  if (verdict.kind === 'undo') return ''
  if (verdict.kind === 'done') return doneVerdict
  return `LOCAL:${formatRowError({ statusCode: 'CONFLICT', message: verdict.reason, fields: verdict.fields })}`
}
