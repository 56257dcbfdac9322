// Values of a list, each with what is sent for it.
import * as texts from './texts'

// As in src/load/write-programs.ts.
const otherwiseReject = 0
const otherwiseEmpty = 2
const mixing: u64 = 0x9e3779b185ebca87

/** Bytes of a slot: where the value and what is sent for it begin and end; the value begins below 0 in a free slot. */
const slotBytes: usize = 16

/** `table`: slots, one more than `mask`, then the texts; a value stands in the first free slot behind that of its hash. */
export function findValues(table: usize, mask: i32, otherwise: i32): void {
  for (let place = 0; place < texts.count; place++) {
    const index = texts.indexAt(place)
    const start = texts.startOf(index)
    const size = <i32>(texts.endOf(index) - start)
    const slot = findSlot(table, mask, start, size)
    if (load<i32>(slot) >= 0) texts.set(index, table + load<i32>(slot, 8), table + load<i32>(slot, 12))
    else if (otherwise === otherwiseReject) texts.lose(index)
    else if (otherwise === otherwiseEmpty) texts.set(index, start, start)
  }
}

/** The slot of a value, or a free one. */
function findSlot(table: usize, mask: i32, start: usize, size: i32): usize {
  let number = hash(start, size) & mask
  let slot = table + <usize>number * slotBytes
  while (load<i32>(slot) >= 0 && !holds(slot, table, start, size)) {
    number = (number + 1) & mask
    slot = table + <usize>number * slotBytes
  }
  return slot
}

function holds(slot: usize, table: usize, start: usize, size: i32): bool {
  const from = load<i32>(slot)
  return load<i32>(slot, 4) - from === size && isSame(start, table + from, size)
}

/** Eight bytes at a time, as src/load/write-programs.ts does it. */
function hash(start: usize, size: i32): i32 {
  let sum = <u64>size
  for (let at = 0; at < size; at += 8) {
    const left = size - at
    let word = load<u64>(start + at)
    if (left < 8) word &= ((<u64>1) << ((<u64>left) << 3)) - 1
    sum = (sum ^ word) * mixing
    sum ^= sum >> 32
  }
  return <i32>sum
}

function isSame(one: usize, other: usize, size: i32): bool {
  for (let at = 0; at < size; at += 16) {
    const different = ~i8x16.bitmask(i8x16.eq(v128.load(one + at), v128.load(other + at)))
    if ((different & texts.knownBits(size - at)) !== 0) return false
  }
  return true
}
