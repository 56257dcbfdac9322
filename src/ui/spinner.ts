import type { Writable } from 'node:stream'
import ora from 'ora'

/** A line with a spinner that is redrawn in place. */
export function startSpinner(stderr: Writable, color: boolean) {
  const spinner = ora({
    stream: stderr,
    text: 'connecting',
    color: color ? 'cyan' : false,
    // Ora would swallow Ctrl-C on a raw terminal and read standard input, which may be the CSV.
    discardStdin: false,
    hideCursor: false,
  }).start()
  return {
    show(text: string): void {
      spinner.text = text
      if (!spinner.isSpinning) spinner.start()
    },
    line(text: string): void {
      spinner.clear()
      stderr.write(`${text}\n`)
      spinner.render()
    },
    hide(): void {
      spinner.stop()
    },
    stop(): void {
      spinner.stop()
    },
  }
}
