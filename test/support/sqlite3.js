// The part of the `sqlite3` shell that pages and examples use, for machines that have none: a file, then SQL as an argument
// or on standard input. Rows are printed with a bar between the cells.
import { readFileSync } from 'node:fs'
import Database from 'libsql'

const [file, text = readFileSync(0, 'utf8')] = process.argv.slice(2)
const database = new Database(file, { timeout: 30_000 })
// As the shell has it.
database.exec('PRAGMA foreign_keys = OFF')
for (const sql of text.split(/;\s*(?:\n|$)/).filter((piece) => piece.replace(/^\s*--.*$/gm, '').trim() !== '')) {
  try {
    const statement = database.prepare(sql)
    if (statement.reader)
      for (const row of statement.raw().all()) process.stdout.write(`${row.map((cell) => cell ?? '').join('|')}\n`)
    else statement.run()
  } catch (error) {
    process.stderr.write(`Error: ${error.message}\n`)
    process.exitCode = 1
  }
}
database.close()
