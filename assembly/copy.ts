/** Copies bytes 16 at a time; up to 15 bytes behind either end are read and written, so both must have room there. */
export function copy(target: usize, from: usize, length: i32): void {
  const end = from + length
  for (; from < end; from += 16) {
    v128.store(target, v128.load(from))
    target += 16
  }
}
