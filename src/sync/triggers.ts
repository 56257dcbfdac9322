import { quoteName, quoteText } from '../sqlite/database.ts'
import { columnNames, isWritable, localIdPrefix, type SyncObject } from './sync-object.ts'

/**
 * The table in which an object's edits are kept: for each row that was edited since it was last alike with the org, the row
 * as it was before, in columns of the same names. `_existed` is 0 where there was none. What became of the row is told by
 * the object's own table, so that no order of statements can make the two differ.
 *
 * `_sent` is empty, or the push that has taken the edit: later edits of the same row then begin anew. No field of
 * Salesforce begins with an underscore.
 */
export function editsTable(object: Pick<SyncObject, 'name'>): string {
  return `sfbulk_edits_${object.name}`
}

/** Names of the triggers of an object. */
export function triggerNames({ name }: Pick<SyncObject, 'name'>): readonly string[] {
  return ['before_insert', 'after_insert', 'update', 'delete'].map((event) => `sfbulk_${name}_${event}`)
}

/**
 * The triggers that note edits, whoever makes them, in plain SQL. They rest while a sync writes (`sfbulk_state`, a flag
 * that only ever stands inside a transaction of the sync).
 *
 * An existing edit is looked for instead of ignoring conflicts: the statement that fires a trigger would impose its own `OR
 * REPLACE` on it. The row that `INSERT OR REPLACE` takes away fires no delete trigger, so that it is noted before the insert.
 *
 * A row is noted before it changes: a trigger of the user's that fires after a change may change the row once more, and
 * its statement would otherwise be the first that is noted. For the same reason a new row that is changed before it was noted is
 * still a new one.
 */
export function triggerSql(object: SyncObject): string {
  const [beforeInsert, afterInsert, update, remove] = triggerNames(object).map(quoteName)
  const table = quoteName(object.name)
  const resting = 'WHEN (SELECT applying FROM sfbulk_state) = 0'
  if (!isWritable(object)) {
    const refuse = `SELECT RAISE(ABORT, ${quoteText(`${object.name} is a read-only copy: its edits are never sent`)});`
    return ['INSERT', 'UPDATE', 'DELETE']
      .map((event, index) => {
        const name = [beforeInsert, update, remove][index]
        return `CREATE TRIGGER ${name} BEFORE ${event} ON ${table} ${resting} BEGIN ${refuse} END;`
      })
      .join('\n')
  }
  return `
CREATE TRIGGER ${beforeInsert} BEFORE INSERT ON ${table} ${resting} BEGIN
  ${noteRow(object, `SELECT 1 FROM ${table} WHERE "Id" = NEW."Id"`, { from: table, id: 'NEW."Id"' })}
  SELECT RAISE(ABORT, ${quoteText(`leave the Id of a new ${object.name} out, or begin it with ${localIdPrefix}`)})
  WHERE substr(NEW."Id", 1, ${localIdPrefix.length}) <> ${quoteText(localIdPrefix)}
    AND NOT EXISTS (SELECT 1 FROM ${quoteName(editsTable(object))} WHERE _id = NEW."Id" AND _existed = 1);
  ${refusePaths(object)}
END;
CREATE TRIGGER ${afterInsert} AFTER INSERT ON ${table} ${resting} BEGIN
  INSERT INTO ${quoteName(editsTable(object))} (_id, _existed, _at)
  SELECT NEW."Id", 0, ${now} WHERE NOT EXISTS (${knownEdit(object, 'NEW."Id"')});
  UPDATE ${quoteName(editsTable(object))} SET _at = ${now} WHERE _id = NEW."Id" AND _sent = '';
  DELETE FROM sfbulk_ids WHERE local = NEW."Id";
END;
CREATE TRIGGER ${update} BEFORE UPDATE ON ${table} ${resting} BEGIN
  ${refuseChanges(object)}
  ${noteRow(object, 'SELECT 1', { from: undefined, id: 'OLD."Id"' })}
  UPDATE ${quoteName(editsTable(object))} SET _at = ${now} WHERE _id = OLD."Id" AND _sent = '';
END;
CREATE TRIGGER ${remove} BEFORE DELETE ON ${table} ${resting} BEGIN
  ${noteRow(object, 'SELECT 1', { from: undefined, id: 'OLD."Id"' })}
  UPDATE ${quoteName(editsTable(object))} SET _at = ${now} WHERE _id = OLD."Id" AND _sent = '';
END;`
}

const now = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')"

function knownEdit(object: SyncObject, id: string): string {
  return `SELECT 1 FROM ${quoteName(editsTable(object))} WHERE _id = ${id} AND _sent = ''`
}

/** Keeps the row as it was, unless an edit of it is known. */
function noteRow(
  object: SyncObject,
  when: string,
  row: { readonly from: string | undefined; readonly id: string },
): string {
  const names = columnNames(object).slice(1).map(quoteName)
  const values = names.map((name) => (row.from === undefined ? `OLD.${name}` : name))
  const isNew =
    `substr(${row.id}, 1, ${localIdPrefix.length}) = ${quoteText(localIdPrefix)} ` +
    `AND NOT EXISTS (SELECT 1 FROM ${quoteName(editsTable(object))} WHERE _id = ${row.id})`
  const from = row.from === undefined ? '' : ` FROM ${row.from}`
  const same = row.from === undefined ? '' : ` AND "Id" = ${row.id}`
  return (
    `INSERT INTO ${quoteName(editsTable(object))} (_id, _existed, _at${names.map((name) => `, ${name}`).join('')}) ` +
    `SELECT ${[row.id, `NOT (${isNew})`, now, ...values].join(', ')}${from} ` +
    `WHERE EXISTS (${when}) AND NOT EXISTS (${knownEdit(object, row.id)})${same};`
  )
}

/** An Id is the org's to give, and a field that the org computes cannot be sent. */
function refuseChanges(object: SyncObject): string {
  const refusals = [
    `SELECT RAISE(ABORT, ${quoteText(`the Id of ${withArticle(object.name)} cannot be changed`)}) WHERE NEW."Id" IS NOT OLD."Id";`,
  ]
  for (const { name, createable } of object.fields.filter(({ updateable }) => !updateable)) {
    const reason = createable ? 'only a new record can have another' : 'the org sets it'
    const unlessNew = createable ? ` AND OLD."Id" NOT LIKE ${quoteText(`${localIdPrefix}%`)}` : ''
    refusals.push(
      `SELECT RAISE(ABORT, ${quoteText(`${object.name}.${name} cannot be changed: ${reason}`)}) ` +
        `WHERE NEW.${quoteName(name)} IS NOT OLD.${quoteName(name)}${unlessNew};`,
    )
  }
  for (const name of object.files?.fields ?? []) {
    refusals.push(
      `SELECT RAISE(ABORT, ${ownPath(object, name)}) WHERE NEW.${quoteName(name)} IS NOT OLD.${quoteName(name)};`,
    )
  }
  return refusals.join('\n  ')
}

/** A path in a new row would never be sent. That of a row which is put in the place of itself is the one that it has. */
function refusePaths(object: SyncObject): string {
  const refusals = object.files?.fields.map((name) => {
    const path = `NEW.${quoteName(name)}`
    const known = `SELECT 1 FROM sfbulk_files WHERE object = ${quoteText(object.name)} AND id = NEW."Id" AND path = ${path}`
    return `SELECT RAISE(ABORT, ${ownPath(object, name)}) WHERE ${path} IS NOT NULL AND NOT EXISTS (${known});`
  })
  return refusals?.join('\n  ') ?? ''
}

function ownPath({ name }: SyncObject, field: string): string {
  return quoteText(`${name}.${field} is the path of a file that was read; send files with \`sfbulk attach\``)
}

function withArticle(name: string): string {
  return `${/^[aeiou]/i.test(name) ? 'an' : 'a'} ${name}`
}
