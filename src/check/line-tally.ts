const mostLines = 5

/** Counts rows of a kind and keeps the lines of the first ones. */
export class LineTally {
  count = 0
  readonly lines: number[] = []

  add(line: number): void {
    this.count++
    if (this.lines.length < mostLines) this.lines.push(line)
  }
}
