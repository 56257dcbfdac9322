// Steps by their numbers.
import { changeCase, makeTitle } from './make-case'
import { replaceClass } from './make-class'
import { makeDate } from './make-date'
import { makeNumber } from './make-number'
import { collapse, trim } from './make-spaces'
import * as text from './make-text'
import { findValues } from './make-value'
import * as memory from './memory'

/** Bytes of a step in `memory.programs`. */
export const stepBytes: usize = 24

/** Steps that write texts, by a bit for each: collapse, cases, prefix, suffix, replacements, numbers and dates. */
const writers = 0b1101100111110

/** One step, as src/load/write-programs.ts numbers them. */
export function takeStep(step: usize): void {
  const programs = memory.programs
  const one = load<i32>(step, 4)
  const two = load<i32>(step, 8)
  const three = load<i32>(step, 12)
  const four = load<i32>(step, 16)
  switch (load<i32>(step)) {
    case 0:
      trim()
      break
    case 1:
      collapse()
      break
    case 2:
      changeCase(programs + one, <u8>two, three)
      break
    case 3:
      makeTitle()
      break
    case 4:
      text.prefix(programs + one, two - one)
      break
    case 5:
      text.suffix(programs + one, two - one)
      break
    case 6:
      text.substring(one, two)
      break
    case 7:
      text.split(programs + one, two - one, three)
      break
    case 8:
      text.replace(programs + one, two - one, programs + three, four - three)
      break
    case 9:
      replaceClass(programs + one, two, programs + three, four - three)
      break
    case 10:
      findValues(programs + one, two, three)
      break
    case 11:
      makeNumber(<u8>one, two)
      break
    default:
      makeDate(programs + one, two, three, programs + four)
  }
}

/** Below `steps` where none writes a text of its own. */
export function findLastWriter(steps: usize, end: usize): usize {
  let step = end - stepBytes
  while (step >= steps && ((writers >> load<i32>(step)) & 1) === 0) step -= stepBytes
  return step
}
