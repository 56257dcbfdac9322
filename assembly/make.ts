// Makes values of cells, many rows at a time: what a mapping's transforms do. Each step comes to what `Transform.apply` of
// src/mapping/transforms/ gives for the same text; a cell of which a step cannot say so is left to it.
import { changeCase, makeTitle } from './make-case'
import { makeDate } from './make-date'
import { makeNumber } from './make-number'
import * as text from './make-text'
import { findValue } from './make-value'
import * as memory from './memory'
import { respell } from './respell'

const quote: u8 = 0x22
const comma: u8 = 0x2c
const lineFeed: u8 = 0x0a
const carriageReturn: u8 = 0x0d
/** `#N/A`, read as a number. */
const serviceNull: u32 = 0x412f4e23

/** Which records have values in `memory.made`, and how many each. */
export let madeFirst: i32 = 0
export let madeCount: i32 = 0
export let madeColumns: i32 = 0
/** Bytes in `memory.made`. */
export let madeLength: i32 = 0
/** Values in `memory.unknown`: the value of column `c` of the `r`th record has the number `r * madeColumns + c`. */
export let unknowns: i32 = 0

// As in src/load/write-programs.ts: words of 32 bits of a column, and of a step; places are bytes in `memory.programs`.
const columnBytes: usize = 40
const stepBytes: usize = 24
const takesNull = 1
const isUnknown = 2
const hasMarks = 4

// States of a record.
const isPlain: u8 = 0
const isMissing: u8 = 1
const isMarked: u8 = 2

/** Bytes that the kernel fills; the others are for values that JavaScript makes. */
const filledBytes: i32 = (memory.madeBytes / 4) * 3

/** Values of the table before count no more. */
export function forgetMade(): void {
  madeCount = 0
}

/**
 * Makes `columns` values of each of the records from `first` to `end`, as far as there is room, and returns the number of
 * records; one by itself that has no room, and one that is not sound, get the state 1.
 */
export function makeValues(first: i32, end: i32, columns: i32, markerStart: i32, markerEnd: i32): i32 {
  madeFirst = first
  madeColumns = columns
  unknowns = 0
  text.begin(memory.made, memory.made + filledBytes)
  const most = min(end, first + memory.mostMade / columns)
  let record = first
  for (; record < most; record++) {
    const state = memory.madeStates + (record - first)
    const unknownsBefore = unknowns
    store<u8>(state, isMissing)
    if (load<u8>(memory.fault + record) !== 0) continue
    marks = 0
    if (makeRecord(record, markerStart, markerEnd)) {
      store<u8>(state, marks === 0 ? isPlain : isMarked)
      continue
    }
    unknowns = unknownsBefore
    if (record === first) record++
    break
  }
  madeCount = record - first
  madeLength = <i32>(text.end - memory.made)
  return madeCount
}

/** Whether a value of the record may need quotes, or is not behind the one before it. */
let marks: i32 = 0

/**
 * False where there is no room. The values of a record stand behind one another with commas between them, so that all can be sent
 * as one piece.
 */
function makeRecord(record: i32, markerStart: i32, markerEnd: i32): bool {
  const cells = (<usize>load<i32>(memory.firstCell + ((<usize>record) << 2))) << 2
  const number = (record - madeFirst) * madeColumns
  const before = text.end
  for (let column = 0; column < madeColumns; column++) {
    const place = (<usize>(number + column)) << 2
    const program = memory.programs + <usize>column * columnBytes
    const from = text.end
    text.open(from)
    if (makeValue(program, cells, markerStart, markerEnd)) {
      text.moveTo(from)
      store<i32>(memory.madeStart + place, <i32>(from - memory.made))
    } else if (text.isFull) {
      text.open(before)
      return false
    } else {
      text.open(from)
      store<i32>(memory.madeStart + place, -1)
      store<i32>(memory.unknown + ((<usize>unknowns) << 2), number + column)
      unknowns++
      marks = 1
    }
    store<i32>(memory.madeEnd + place, <i32>(text.end - memory.made))
    store<u8>(text.end, comma)
    text.open(text.end + 1)
  }
  return true
}

/** False where it needs JavaScript, or room. */
function makeValue(program: usize, cells: usize, markerStart: i32, markerEnd: i32): bool {
  const bits = load<i32>(program, 32)
  if ((bits & isUnknown) !== 0) return false
  marks |= bits & hasMarks
  const columns = memory.programs + load<i32>(program)
  const count = load<i32>(program, 4)
  for (let index = 0; index < count; index++) {
    const place = cells + ((<usize>load<i32>(columns + ((<usize>index) << 2))) << 2)
    const cellStart = memory.bytes + load<i32>(memory.cellStart + place)
    const cellEnd = memory.bytes + load<i32>(memory.cellEnd + place)
    const isQuoted = cellEnd - cellStart >= 2 && load<u8>(cellStart) === quote
    const from = isQuoted ? cellStart + 1 : cellStart
    const size = <i32>(cellEnd - cellStart) - (isQuoted ? 2 : 0)
    if (size === 0) continue
    if (size === markerEnd - markerStart && isMarker(from, size, markerStart)) {
      if (count > 1) continue
      if ((bits & takesNull) !== 0) {
        // What is looked up in a table is JavaScript's.
        if (load<i32>(program, 36) !== 0 || !text.hasRoom(4)) return false
        store<u32>(text.end, serviceNull)
        text.move(text.start, text.end + 4)
        return true
      }
    }
    const separator = text.end > text.start ? load<i32>(program, 12) - load<i32>(program, 8) : 0
    if (!text.hasRoom(size + separator)) return false
    if (separator > 0) text.append(memory.programs + load<i32>(program, 8), separator)
    read(from, size, isQuoted)
  }
  const steps = memory.programs + load<i32>(program, 16)
  const stepsEnd = steps + <usize>load<i32>(program, 20) * stepBytes
  for (let step = steps; step < stepsEnd; step += stepBytes) {
    // How many steps have nothing to do where there is no text.
    const skipped = load<i32>(step, 20)
    if (skipped > 0 && text.start === text.end) step += <usize>(skipped - 1) * stepBytes
    else if (!take(step)) return false
  }
  if (text.start < text.end || load<i32>(program, 36) !== 0) return true
  const otherwise = load<i32>(program, 28) - load<i32>(program, 24)
  if (!text.hasRoom(otherwise)) return false
  text.append(memory.programs + load<i32>(program, 24), otherwise)
  return true
}

function isMarker(from: usize, size: i32, markerStart: i32): bool {
  const marker = memory.programs + markerStart
  for (let at = 0; at < size; at++) if (load<u8>(from + at) !== load<u8>(marker + at)) return false
  return true
}

/** Appends the text of a cell: doubled quotes of a quoted one become one, CRLF and CR become LF. */
function read(from: usize, size: i32, isQuoted: bool): void {
  const target = text.end
  let respelt: i32 = 0
  let found: i32 = 0
  for (let at = 0; at < size; at += 16) {
    const chunk = v128.load(from + at)
    v128.store(target + at, chunk)
    const own = v128.or(i8x16.eq(chunk, i8x16.splat(quote)), i8x16.eq(chunk, i8x16.splat(carriageReturn)))
    const others = v128.or(i8x16.eq(chunk, i8x16.splat(comma)), i8x16.eq(chunk, i8x16.splat(lineFeed)))
    const known = size - at < 16 ? (1 << (size - at)) - 1 : -1
    respelt |= i8x16.bitmask(own) & known
    found |= i8x16.bitmask(others) & known
  }
  marks |= respelt | found
  text.move(text.start, respelt === 0 ? target + size : respell(from, size, isQuoted, target))
}

/** One step, as src/load/write-programs.ts numbers them. */
function take(step: usize): bool {
  const programs = memory.programs
  const one = load<i32>(step, 4)
  const two = load<i32>(step, 8)
  const three = load<i32>(step, 12)
  const four = load<i32>(step, 16)
  switch (load<i32>(step)) {
    case 0:
      return text.trim()
    case 1:
      return text.collapse()
    case 2:
      return changeCase(programs + one, <u8>two, three)
    case 3:
      return makeTitle()
    case 4:
      return text.prefix(programs + one, two - one)
    case 5:
      return text.suffix(programs + one, two - one)
    case 6:
      return text.substring(one, two)
    case 7:
      return text.split(programs + one, two - one, three)
    case 8:
      return text.replace(programs + one, two - one, programs + three, four - three)
    case 9:
      return text.replaceClass(programs + one, two, programs + three, four - three)
    case 10:
      return findValue(programs + one, two, three)
    case 11:
      return makeNumber(<u8>one, two)
    default:
      return makeDate(programs + one, two, three)
  }
}

/** Whether the values of a record that has such can be copied as they stand, commas between them. */
export function isPlainMade(record: i32): bool {
  return load<u8>(memory.madeStates + (record - madeFirst)) === isPlain
}

/** The entry of a record's first value in `memory.madeStart`; below 0 where its values are not there. */
export function placeOfMade(record: i32): i32 {
  const row = record - madeFirst
  if (row < 0 || row >= madeCount || load<u8>(memory.madeStates + row) === isMissing) return -1
  return row * madeColumns
}
