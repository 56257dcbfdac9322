// Makes values of cells, many rows at a time: what a mapping's transforms do. Each step comes to what `Transform.apply` of
// src/mapping/transforms/ gives for the same text; a cell of which a step cannot say so is left to it.
//
// A column of some dozens of records is made by one step after the other, each in a loop of its own. Beside a loop over the
// records that makes all columns of each this takes half the time: the processor knows what comes next.
import { copy } from './copy'
import * as memory from './memory'
import { joinCells, readCells } from './read-cells'
import { findLastWriter, stepBytes, takeStep } from './take-step'
import * as texts from './texts'

/** Which records have values, and how many of these lie between the values of two columns in `memory.madeStart`. */
export let madeFirst: i32 = 0
export let madeCount: i32 = 0
export let madeStride: i32 = 0
/** Where the room in `memory.made` begins that is still free. */
export let madeFree: usize = 0
/** Values in `memory.unknown`: the value of column `c` of the `r`th record has the number `c * madeStride + r`. */
export let unknowns: i32 = 0

// As in src/load/write-programs.ts: words of 32 bits of a column, and of a step; places are bytes in `memory.programs`.
const columnBytes: usize = 40
const takesNull = 1
const isUnknown = 2
const isWithinTransform = 0
const takesEmpty = 2
// States of a record.
const isMade: u8 = 0
const isMissing: u8 = 1

/** Whether texts are being written to `memory.made`. */
let isInMade: bool = false

/** Bytes that the kernel fills; the others are for values that JavaScript makes. */
const filledBytes: i32 = (memory.madeBytes / 4) * 3

/** So few at a time that what is made is sent before it has left the caches of the processor. */
const recordsAtMost: i32 = 1024

/** Values of the table before count no more. */
export function forgetMade(): void {
  madeCount = 0
}

/**
 * Makes `columns` values of each of the records from `first` to `end`, as far as there is room, and returns the number of
 * records; one by itself that has no room, and one that is not sound, get the state 1.
 */
export function makeValues(first: i32, end: i32, columns: i32, markerStart: i32, markerEnd: i32): i32 {
  const most = min(end, first + min(recordsAtMost, memory.mostMade / columns))
  madeFirst = first
  madeStride = most - first
  madeFree = memory.made
  unknowns = 0
  let record = first
  let atOnce = texts.mostTexts
  while (record < most) {
    const to = min(record + atOnce, most)
    const before = madeFree
    const unknownsBefore = unknowns
    chooseSound(record, to)
    if (makeRecords(columns, markerStart, markerEnd)) {
      record = to
      continue
    }
    madeFree = before
    unknowns = unknownsBefore
    if (record > first) break
    if (atOnce === 1) {
      store<u8>(memory.madeStates, isMissing)
      record++
      break
    }
    atOnce = 1
  }
  madeCount = record - first
  return madeCount
}

function chooseSound(from: i32, to: i32): void {
  texts.forgetRecords()
  for (let record = from; record < to; record++) {
    const number = record - madeFirst
    const isSound = load<u8>(memory.fault + record) === 0
    store<u8>(memory.madeStates + number, isSound ? isMade : isMissing)
    if (isSound) texts.addRecord(number, (<usize>load<i32>(memory.firstCell + ((<usize>record) << 2))) << 2)
  }
}

/** False where there is no room. */
function makeRecords(columns: i32, markerStart: i32, markerEnd: i32): bool {
  for (let column = 0; column < columns; column++) {
    const program = memory.programs + <usize>column * columnBytes
    if ((load<i32>(program, 32) & isUnknown) !== 0) leaveColumn(column)
    else if (!makeColumn(program, markerStart, markerEnd) || !keepColumn(program, column)) return false
  }
  return true
}

function makeColumn(program: usize, markerStart: i32, markerEnd: i32): bool {
  const columns = memory.programs + load<i32>(program)
  const count = load<i32>(program, 4)
  const steps = memory.programs + load<i32>(program, 16)
  const end = steps + <usize>load<i32>(program, 20) * stepBytes
  const lastWriter = findLastWriter(steps, end)
  // What is written before the last step that writes is not needed any longer than the steps take.
  if (lastWriter < steps) writeToMade()
  else writeToScratch()
  if (count === 1) {
    const isNullable = (load<i32>(program, 32) & takesNull) !== 0
    readCells(load<i32>(columns), markerStart, markerEnd, isNullable, load<i32>(program, 36) !== 0)
  } else {
    joinCells(columns, count, load<i32>(program, 8), load<i32>(program, 12), markerStart, markerEnd)
  }
  for (let step = steps; step < end && !texts.isFull; step += stepBytes) {
    const beginning = load<i32>(step, 20)
    if (beginning !== isWithinTransform) texts.choose(beginning === takesEmpty)
    if (step === lastWriter) writeToMade()
    takeStep(step)
    texts.leaveOutLost()
  }
  return !texts.isFull
}

function writeToScratch(): void {
  texts.writeTo(memory.scratch, memory.scratch + memory.scratchBytes)
  isInMade = false
}

function writeToMade(): void {
  texts.writeTo(madeFree, memory.made + filledBytes)
  isInMade = true
}

/** Notes where the values of a column are. False where there is no room. */
function keepColumn(program: usize, column: i32): bool {
  const otherwiseStart = memory.programs + load<i32>(program, 24)
  const otherwiseEnd = memory.programs + load<i32>(program, 28)
  const isLookedUp = load<i32>(program, 36) !== 0
  if (!isInMade) writeToMade()
  const scratch = memory.scratch
  const scratchSize = <usize>memory.scratchBytes
  for (let record = 0; record < texts.records; record++) {
    const index = (<usize>record) << 2
    const state = texts.stateOf(index)
    if (state === texts.isLost) {
      leave(texts.numberOf(index), column)
      continue
    }
    let start = texts.startOf(index)
    let end = texts.endOf(index)
    if (start === end) {
      if (state !== texts.isDone && !isLookedUp) {
        start = otherwiseStart
        end = otherwiseEnd
      }
    } else if (start - scratch < scratchSize) {
      const size = end - start
      if (!texts.hasRoom(size)) return false
      copy(texts.free, start, <i32>size)
      texts.put(index, texts.free + size)
      start = texts.startOf(index)
      end = texts.endOf(index)
    }
    const place = placeOfValue(texts.numberOf(index), column)
    store<u32>(memory.madeStart + place, <u32>start)
    store<u32>(memory.madeEnd + place, <u32>end)
  }
  madeFree = texts.free
  return true
}

function leaveColumn(column: i32): void {
  for (let record = 0; record < texts.records; record++) leave(texts.numberOf((<usize>record) << 2), column)
}

/** Leaves the value of a column to JavaScript. */
function leave(record: i32, column: i32): void {
  const value = column * madeStride + record
  store<i32>(memory.madeStart + ((<usize>value) << 2), -1)
  store<i32>(memory.unknown + ((<usize>unknowns) << 2), value)
  unknowns++
}

/** The number of a record among those that have values; below 0 where it has none. */
export function numberOfMade(record: i32): i32 {
  const number = record - madeFirst
  return number < 0 || number >= madeCount || load<u8>(memory.madeStates + number) === isMissing ? -1 : number
}

/** Where `memory.madeStart` and `memory.madeEnd` have the value of a column of the record with this number. */
export function placeOfValue(number: i32, column: i32): usize {
  return (<usize>(column * madeStride + number)) << 2
}
