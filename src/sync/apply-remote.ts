import { clearConflict, type FoundConflict, registerConflict } from './conflicts.ts'
import { isSame } from './field-values.ts'
import type { KeptAs } from './kept-value.ts'
import { changedFields, type MergedRow, mergeRow } from './merge-row.ts'
import { clearReject } from './rejects.ts'
import { type Edit, type RowValues, readEdit, readRow, rebaseEdit, removeEdit, removeRow, writeRow } from './rows.ts'
import { keepSuperseded } from './superseded.ts'
import type { SyncFile } from './sync-file.ts'
import type { SyncObject } from './sync-object.ts'

/** A record as the org has it now. */
export interface RemoteRow {
  readonly id: string
  /** Undefined for one that is deleted, or that the condition of the copy does not select any more. */
  readonly values: RowValues | undefined
  /** When it was changed last, by the org's clock. */
  readonly stamp: string | undefined
}

/**
 * Brings a row to what the org has, as far as it was not edited here; an edited one is merged or, where both sides changed
 * the same, registered as a conflict or decided by the object's pattern. To be called within `apply`.
 */
export function applyRemote(file: SyncFile, object: SyncObject, remote: RemoteRow, keptAs: KeptAs): void {
  const { id, values } = remote
  const edit = readEdit(file, object, id)
  if (edit === undefined) {
    if (values === undefined) removeRow(file, object, id)
    else writeRow(file, object, id, values)
    clearConflict(file, object, id)
    return
  }
  // A row that is to be created anew under the Id of a deleted record.
  if (!edit.existed) return
  const local = readRow(file, object, id)
  if (values === undefined) mergeDeleted(file, object, remote, edit, local)
  else if (local === undefined) mergeIntoDeleted(file, object, { ...remote, values }, edit)
  else mergeChanged(file, object, { ...remote, values }, { edit, local, keptAs })
}

type LivingRow = RemoteRow & { readonly values: RowValues }

interface EditedRow {
  readonly edit: Edit
  readonly local: RowValues
  readonly keptAs: KeptAs
}

function mergeChanged(
  file: SyncFile,
  object: SyncObject,
  { id, values, stamp }: LivingRow,
  { edit, local, keptAs }: EditedRow,
): void {
  const merged = mergeRow(object.fields, { base: edit.base, local, remote: values }, keptAs)
  const localWins = object.pattern === 'last-write-wins'
  const base = localWins ? values : merged.base
  keepUnsendable(file, object, id, { edit, local, merged })
  writeRow(file, object, id, merged.local)
  rebaseEdit(file, object, id, base)
  clearConflict(file, object, id)
  if (merged.conflicts.length > 0 && !localWins) {
    const fields = merged.conflicts.map((place) => describe(object, place, edit.base, local, values))
    registerConflict(file, object, { id, kind: 'changed-changed', localAt: edit.at, remoteAt: stamp, fields })
  } else if (changedFields(object.fields, base, merged.local).length === 0) settle(file, object, id)
}

/** What was edited in a field that cannot be changed any more gives way to the org's value, and is kept aside. */
function keepUnsendable(
  file: SyncFile,
  object: SyncObject,
  id: string,
  { edit, local, merged }: { readonly edit: Edit; readonly local: RowValues; readonly merged: MergedRow },
): void {
  const places = changedFields(object.fields, edit.base, local).filter(
    (place) => !object.fields[place]!.updateable && !isSame(object.fields[place]!, local[place], merged.local[place]),
  )
  if (places.length === 0) return
  const fields = places.map((place) => describe(object, place, edit.base, local, merged.local))
  keepSuperseded(file, object, { id, reason: 'the field cannot be changed any more', fields })
}

/** Deleted in the org. An edit of it is a conflict; by last write wins the deletion stands, and the edit is kept aside. */
function mergeDeleted(
  file: SyncFile,
  object: SyncObject,
  { id, stamp }: RemoteRow,
  edit: Edit,
  local: RowValues | undefined,
): void {
  const changed = local === undefined ? [] : changedFields(object.fields, edit.base, local)
  if (local === undefined || changed.length === 0 || object.pattern === 'last-write-wins') {
    if (local !== undefined && changed.length > 0) {
      const fields = changed.map((place) => describe(object, place, edit.base, local, undefined))
      keepSuperseded(file, object, { id, reason: 'the record was deleted in the org', fields })
    }
    removeRow(file, object, id)
    settle(file, object, id)
    return
  }
  const fields = changed.map((place) => describe(object, place, edit.base, local, undefined))
  registerConflict(file, object, { id, kind: 'changed-deleted', localAt: edit.at, remoteAt: stamp, fields })
}

/** Deleted here. Where the org changed it meanwhile that is a conflict; by last write wins the deletion is sent. */
function mergeIntoDeleted(file: SyncFile, object: SyncObject, { id, values, stamp }: LivingRow, edit: Edit): void {
  const changed = object.fields.flatMap((field, place) =>
    // What nobody can edit, such as the time of the last change, is no reason to keep a record.
    !field.updateable || isSame(field, edit.base[place], values[place]) ? [] : [place],
  )
  clearConflict(file, object, id)
  if (changed.length === 0 || object.pattern === 'last-write-wins') {
    rebaseEdit(file, object, id, values)
    return
  }
  const fields = changed.map((place) => describe(object, place, edit.base, undefined, values))
  // What is no matter of the conflict is as the org has it, whoever decides it.
  rebaseEdit(
    file,
    object,
    id,
    values.map((value, place) => (changed.includes(place) ? (edit.base[place] ?? null) : value)),
  )
  registerConflict(file, object, { id, kind: 'deleted-changed', localAt: edit.at, remoteAt: stamp, fields })
}

/** Both sides are alike: nothing is left to send. */
export function settle(file: SyncFile, object: SyncObject, id: string): void {
  removeEdit(file, object, id)
  clearConflict(file, object, id)
  clearReject(file, object, id)
}

function describe(
  { fields }: SyncObject,
  place: number,
  base: RowValues,
  local: RowValues | undefined,
  remote: RowValues | undefined,
): FoundConflict['fields'][number] {
  return {
    field: fields[place]!.name,
    base: base[place] ?? null,
    local: local?.[place] ?? null,
    remote: remote?.[place] ?? null,
  }
}
