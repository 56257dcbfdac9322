import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Outcomes, outcome } from '../../src/load/outcomes.ts'
import { RowMemory } from '../../src/load/row-memory.ts'
import { temporaryFolder } from '../bulk/temporary-folder.ts'

const rows = 5
const answer = fc.record({
  row: fc.nat({ max: rows - 1 }),
  id: fc.constantFrom('', '001bm00000AcmeAAAA', '003bm00000BennAAAB'),
  text: fc.option(fc.constantFrom('DUPLICATE_VALUE:one', 'REQUIRED_FIELD_MISSING:two', ''), { nil: undefined }),
})

test('A row keeps the latest Id that an answer had, and the text of the latest answer, over part after part', async () => {
  const folder = await temporaryFolder()
  const memory = new RowMemory()
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 20 }), (answers) => {
      const outcomes = new Outcomes(memory.begin(rows), folder)
      const known = Array.from({ length: rows }, () => ({ id: '', text: undefined as string | undefined }))
      for (const { row, id, text } of answers) {
        outcomes.setId(row, Buffer.from(id), 0, id.length)
        outcomes.setStatus(row, text === undefined ? outcome.changed : outcome.rejected)
        if (text !== undefined) outcomes.setText(row, Buffer.from(text))
        known[row] = { id: id === '' ? known[row]!.id : id, text }
      }
      for (const [row, { id, text }] of known.entries()) {
        expect(outcomes.id(row)?.toString() ?? '').toBe(id)
        if (text !== undefined) expect(outcomes.text(row)?.toString()).toBe(text)
        if (answers.every((each) => each.row !== row || each.text === undefined)) {
          expect(outcomes.text(row)).toBeUndefined()
        }
      }
      const listed = Buffer.concat([...outcomes.writtenLines()]).toString()
      const accepted = known.flatMap(({ id, text }, row) =>
        id !== '' && text === undefined && outcomes.status(row) === outcome.changed ? [`${id},w\n`] : [],
      )
      expect(listed).toBe(accepted.join(''))
      outcomes.close()
    }),
  )
})
