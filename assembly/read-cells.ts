// The texts of cells: where they stand, or respelt.
import { copy } from './copy'
import * as memory from './memory'
import { respell } from './respell'
import * as texts from './texts'

const quote: u8 = 0x22
const lineFeed: u8 = 0x0a
const carriageReturn: u8 = 0x0d
/** `#N/A`, read as a number. */
const serviceNull: u32 = 0x412f4e23

/** One text for each record, from a cell of it. `isNullable`: the null marker becomes null. What is looked up is JavaScript's, then. */
export function readCells(column: i32, markerStart: i32, markerEnd: i32, isNullable: bool, isLookedUp: bool): void {
  const markerSize = isNullable ? markerEnd - markerStart : 0
  const bytes = memory.bytes
  const starts = memory.cellStart + ((<usize>column) << 2)
  const ends = memory.cellEnd + ((<usize>column) << 2)
  for (let record = 0; record < texts.records; record++) {
    const index = (<usize>record) << 2
    const cell = texts.cellsOf(index)
    let start = bytes + load<i32>(starts + cell)
    let end = bytes + load<i32>(ends + cell)
    const isQuoted = end - start >= 2 && load<u8>(start) === quote
    if (isQuoted) {
      start++
      end--
    }
    const size = <i32>(end - start)
    texts.open(index, start, end)
    if (size === markerSize && size > 0 && isMarker(start, size, markerStart)) {
      readNull(index, isLookedUp)
    } else if (isQuoted && holdsRespelt(start, size)) {
      if (!texts.hasRoom(size)) return
      texts.put(index, respell(start, size, true, texts.free))
    }
  }
}

/** One text for each record, from several cells of it, those left out that hold nothing or the null marker. */
export function joinCells(
  columns: usize,
  count: i32,
  separatorStart: i32,
  separatorEnd: i32,
  markerStart: i32,
  markerEnd: i32,
): void {
  const separatorSize = separatorEnd - separatorStart
  for (let record = 0; record < texts.records; record++) {
    const index = (<usize>record) << 2
    let to = texts.free
    let endsInReturn = false
    texts.open(index, to, to)
    for (let place = 0; place < count; place++) {
      const column = load<i32>(columns + ((<usize>place) << 2))
      const cell = texts.cellsOf(index) + ((<usize>column) << 2)
      let start = memory.bytes + load<i32>(memory.cellStart + cell)
      let size = load<i32>(memory.cellEnd + cell) - load<i32>(memory.cellStart + cell)
      const isQuoted = size >= 2 && load<u8>(start) === quote
      if (isQuoted) {
        start++
        size -= 2
      }
      if (size === 0 || (size === markerEnd - markerStart && isMarker(start, size, markerStart))) continue
      const isFirst = to === texts.free
      if (!texts.hasRoom(<u64>(to - texts.free) + size + separatorSize)) return
      if (!isFirst) {
        // Together these would be one line end.
        if (separatorSize === 0 && endsInReturn && load<u8>(start) === lineFeed) texts.lose(index)
        copy(to, memory.programs + separatorStart, separatorSize)
        to += separatorSize
      }
      endsInReturn = load<u8>(start + size - 1) === carriageReturn
      if (isQuoted && holdsRespelt(start, size)) {
        to = respell(start, size, true, to)
      } else {
        copy(to, start, size)
        to += size
      }
    }
    texts.put(index, to)
  }
}

function readNull(index: usize, isLookedUp: bool): void {
  if (isLookedUp) {
    texts.lose(index)
  } else if (texts.hasRoom(4)) {
    store<u32>(texts.free, serviceNull)
    texts.put(index, texts.free + 4)
    texts.finish(index)
  }
}

function isMarker(start: usize, size: i32, markerStart: i32): bool {
  const marker = memory.programs + markerStart
  for (let at = 0; at < size; at++) if (load<u8>(start + at) !== load<u8>(marker + at)) return false
  return true
}

/** Whether a quoted cell holds quotes or carriage returns, which no cell without quotes does that is sound. */
function holdsRespelt(start: usize, size: i32): bool {
  for (let at = 0; at < size; at += 16) {
    const chunk = v128.load(start + at)
    const found = v128.or(i8x16.eq(chunk, i8x16.splat(quote)), i8x16.eq(chunk, i8x16.splat(carriageReturn)))
    if ((i8x16.bitmask(found) & texts.knownBits(size - at)) !== 0) return true
  }
  return false
}
