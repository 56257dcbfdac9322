import { fstatSync, writeSync } from 'node:fs'

/**
 * Writes to standard output without the streams of Node, whose loading takes longer than a help. False when nothing could be
 * written: the streams then tell why.
 */
export function printAtOnce(text: string): boolean {
  const bytes = Buffer.from(text)
  let written = 0
  try {
    while (written < bytes.length) written += writeSync(1, bytes, written)
  } catch {
    if (written === 0) return false
    // The pipe is full, or closed by now.
    process.stdout.on('error', () => undefined)
    process.stdout.write(bytes.subarray(written))
  }
  return true
}

/** How wide the help may be: as the terminal, up to 120 columns; 100 columns in a file or pipe. */
export function helpColumns(): number {
  // Asking the stream would load it.
  const columns = fstatSync(1).isCharacterDevice() ? process.stdout.columns : undefined
  return Math.min(columns || 100, 120)
}
