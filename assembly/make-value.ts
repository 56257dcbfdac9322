// Values of a list, each with what is sent for it.
import * as text from './make-text'

// As in src/load/write-programs.ts.
const otherwiseReject = 0
const otherwiseKeep = 1

/** Bytes of a slot: where the value and what is sent for it begin and end; the value begins below 0 in a free slot. */
const slotBytes: usize = 16

/** `table`: slots, one more than `mask`, then the texts; a value stands in the first free slot behind that of its hash. */
export function findValue(table: usize, mask: i32, otherwise: i32): bool {
  const size = <i32>(text.end - text.start)
  let slot = hash(size) & mask
  let place = table + <usize>slot * slotBytes
  while (load<i32>(place) >= 0) {
    const from = load<i32>(place)
    if (load<i32>(place, 4) - from === size && isSame(table + from, size)) {
      return put(table + load<i32>(place, 8), load<i32>(place, 12) - load<i32>(place, 8))
    }
    slot = (slot + 1) & mask
    place = table + <usize>slot * slotBytes
  }
  if (otherwise === otherwiseReject) return false
  if (otherwise !== otherwiseKeep) text.open(text.start)
  return true
}

function put(sent: usize, size: i32): bool {
  if (!text.hasRoom(size)) return false
  text.open(text.end)
  text.append(sent, size)
  return true
}

/** FNV-1a. */
function hash(size: i32): i32 {
  let value: u32 = 0x811c9dc5
  for (let at = 0; at < size; at++) value = (value ^ load<u8>(text.start + at)) * 0x01000193
  return <i32>(value ^ (value >> 15))
}

function isSame(wanted: usize, size: i32): bool {
  for (let at = 0; at < size; at++) if (load<u8>(text.start + at) !== load<u8>(wanted + at)) return false
  return true
}
