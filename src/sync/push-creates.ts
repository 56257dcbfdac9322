import type { ExpectedError } from '../errors.ts'
import { holdBack } from './hold-back.ts'
import { findOpenReferences, type OpenReference } from './local-ids.ts'
import { listPending } from './pending.ts'
import type { SendRows } from './push.ts'
import { readRow } from './rows.ts'
import type { SyncObject } from './sync-object.ts'
import type { SyncTools } from './sync-tools.ts'

/** A new row and what it refers to that is new, too. */
interface NewRow {
  readonly object: SyncObject
  readonly id: string
  readonly open: readonly OpenReference[]
}

/**
 * Creates new rows in waves: those first that refer to nothing new, then those whose parents have got their Ids, down to the
 * last generation. Where rows refer to each other in a circle, one of them goes without its reference, which follows as an
 * update. What remains refers to a row that was rejected or is not there, and is held back.
 */
export async function pushCreates(
  tools: SyncTools,
  objects: readonly SyncObject[],
  send: SendRows,
): Promise<ExpectedError | undefined> {
  const tried = new Set<string>()
  for (;;) {
    const waiting = listNewRows(tools, objects).filter(({ id }) => !tried.has(id))
    const ready = waiting.filter(({ open }) => open.length === 0)
    const wave = ready.length > 0 ? ready : breakCircle(waiting)
    if (wave.length === 0) {
      tools.file.apply(() => {
        for (const { object, id, open } of waiting) holdBack(tools.file, object, id, 'create', open[0]!)
      })
      return undefined
    }
    for (const object of objects) {
      const rows = wave.filter((row) => row.object === object)
      if (rows.length === 0) continue
      for (const { id } of rows) tried.add(id)
      const without = new Map(
        rows.filter(({ open }) => open.length > 0).map(({ id, open }) => [id, open.map(({ place }) => place)]),
      )
      const ids = rows.map(({ id }) => id)
      const error = await send(object, 'create', ids, without.size > 0 ? without : undefined)
      if (error !== undefined) return error
    }
  }
}

function listNewRows({ file }: SyncTools, objects: readonly SyncObject[]): readonly NewRow[] {
  return objects.flatMap((object) =>
    listPending(file, object, 'create').map((id) => ({
      object,
      id,
      open: findOpenReferences(object, readRow(file, object, id) ?? []),
    })),
  )
}

/**
 * Rows that can go without the references that they wait for, since everything that they wait for waits itself. A row whose
 * parent was rejected, or is nowhere, is no such row, nor is one that waits for it.
 */
function breakCircle(waiting: readonly NewRow[]): readonly NewRow[] {
  let alive = waiting
  for (;;) {
    const ids = new Set(alive.map(({ id }) => id))
    const left = alive.filter(({ open }) => open.every(({ to }) => ids.has(to)))
    if (left.length === alive.length) break
    alive = left
  }
  const first = alive.find(({ open }) => open.every(({ canWait }) => canWait))
  return first === undefined ? [] : [first]
}
