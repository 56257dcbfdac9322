const quote = 0x22
const comma = 0x2c
const lineFeed = 0x0a
const apostrophe = 0x27

/** `=`, `+`, `-`, `@`, tab and CR: what a spreadsheet takes for the beginning of a formula. Source: OWASP, "CSV Injection". */
const dangerous: ReadonlySet<number> = new Set([0x3d, 0x2b, 0x2d, 0x40, 0x09, 0x0d])

/**
 * Puts an apostrophe before each cell that a spreadsheet would calculate, negative numbers included, so that it shows the
 * text instead. The result takes the blocks of one CSV in their order, cut anywhere; comma, LF.
 */
export function formulaEscaper(): (block: Uint8Array) => Uint8Array {
  let state: 'start' | 'opened' | 'quoted' | 'closed' | 'plain' = 'start'
  return (block) => {
    // Every byte may need another one before it, at most.
    const out = Buffer.allocUnsafe(block.length * 2)
    let length = 0
    for (const byte of block) {
      // A CR outside of quotes belongs to a line end.
      const isFirst = (state === 'start' && byte !== 0x0d) || state === 'opened'
      if (isFirst && dangerous.has(byte)) out[length++] = apostrophe
      out[length++] = byte
      state = follow(state, byte)
    }
    return out.subarray(0, length)
  }

  function follow(before: typeof state, byte: number): typeof state {
    if (before === 'opened' || before === 'quoted') return byte === quote ? 'closed' : 'quoted'
    if (byte === comma || byte === lineFeed) return 'start'
    if (byte === quote && before !== 'plain') return before === 'start' ? 'opened' : 'quoted'
    return 'plain'
  }
}
