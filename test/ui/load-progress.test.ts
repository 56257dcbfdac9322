import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LoadEvent } from '../../src/load/events.ts'
import { loadView } from '../../src/ui/load-progress.ts'
import { createReporter } from '../../src/ui/reporter.ts'

const events: readonly LoadEvent[] = [
  { type: 'started', source: 'accounts.csv', size: 2_000 },
  { type: 'note', text: 'column Comment is not sent' },
  { type: 'read', rows: 20, bytes: 1_000 },
  { type: 'job-started', part: 0, job: '750A', rows: 20, bytes: 900 },
  { type: 'job-state', job: '750A', state: 'InProgress', processed: 0, rejected: 0 },
  { type: 'job-state', job: '750A', state: 'InProgress', processed: 10, rejected: 1 },
  { type: 'job-state', job: '750A', state: 'JobComplete', processed: 20, rejected: 2 },
  { type: 'written', accepted: 18, rejected: 2, unprocessed: 0, unknown: 0 },
]

describe('progress of a load', () => {
  it('sums up the events of a load in a line', () => {
    const progress = events.reduce(loadView.apply, loadView.start)
    expect(loadView.renderProgress(progress, 120, 1_000)).toBe(
      'accounts.csv 50 % · 20 rows read · 1 of 1 job done · 2 rejected · 20 processed · 20 written · 900 B sent',
    )
    const open = events.slice(0, 6).reduce(loadView.apply, loadView.start)
    expect(loadView.renderProgress(open, 120, 1_000)).toContain('0 of 1 job done (1 InProgress) · 1 rejected')
  })

  it('says how fast rows are taken and how long the rest needs, as soon as that can be told', () => {
    const progress = events.reduce(loadView.apply, loadView.start)
    expect(loadView.renderProgress(progress, 100, 10_000)).toContain('2 rows/s · 10 s left')
    const reading = events.slice(0, 3).reduce(loadView.apply, loadView.start)
    expect(loadView.renderProgress(reading, 100, 10_000)).not.toContain('left')
  })

  it('leaves out what does not fit', () => {
    const progress = events.reduce(loadView.apply, loadView.start)
    expect(loadView.renderProgress(progress, 60, 1_000)).toBe('accounts.csv 50 % · 20 rows read · 1 of 1 job done')
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 120 }),
        (columns) => loadView.renderProgress(progress, columns, 1_000).length <= columns,
      ),
    )
  })

  it('is a line for each change of a job where nothing can be redrawn', async () => {
    expect(await report({ environment: {}, quiet: false, terminal: false })).toEqual([
      'reading accounts.csv (2.0 kB)',
      'column Comment is not sent',
      'job 750A sent: 20 rows, 900 B',
      'job 750A InProgress: 0 processed, 0 rejected',
      'job 750A JobComplete: 20 processed, 2 rejected',
      '',
    ])
  })

  it('is plain lines on a terminal, too, where CI is set', async () => {
    const plain = await report({ environment: {}, quiet: false, terminal: false })
    expect(await report({ environment: { CI: 'true' }, quiet: false, terminal: true })).toEqual(plain)
  })

  it('is plain lines on a terminal that does not know its width', async () => {
    const plain = await report({ environment: {}, quiet: false, terminal: false })
    expect(await report({ environment: {}, quiet: false, terminal: true, columns: 0 })).toEqual(plain)
  })

  it('is redrawn on a terminal, notes standing above it', async () => {
    const shown = (await report({ environment: { NO_COLOR: '1' }, quiet: false, terminal: true })).join('\n')
    expect(shown).toContain('column Comment is not sent\n')
    expect(shown).not.toContain('job 750A sent')
    expect(shown).not.toContain('\x1b[36m')
  })

  it('is silent with --quiet', async () => {
    expect(await report({ environment: {}, quiet: true, terminal: true })).toEqual([''])
  })
})

async function report(how: {
  environment: Record<string, string>
  quiet: boolean
  terminal: boolean
  columns?: number
}) {
  const stderr = Object.assign(new PassThrough(), { isTTY: how.terminal, columns: how.columns ?? 80, ...cursor })
  const reporter = await createReporter(loadView, {
    stderr,
    environment: how.environment,
    quiet: how.quiet,
    redraw: true,
  })
  for (const event of events) reporter.report(event)
  reporter.stop()
  stderr.end()
  return Buffer.concat(await stderr.toArray())
    .toString()
    .split('\n')
}

/** What a stream of a terminal has besides. */
const cursor = { cursorTo: () => true, moveCursor: () => true, clearLine: () => true }
