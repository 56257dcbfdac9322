import { interleave, median, run } from './measure.ts'
import type { Line } from './report.ts'
import { runOptions, type Setting } from './setting.ts'

/** How long `sfbulk --version` and `sfbulk --help` take against an empty program. */
export async function measureStartUp(setting: Setting): Promise<Line[]> {
  const start = (...words: readonly string[]) => run([...setting.sfbulk, ...words], runOptions(setting))
  const runs = await interleave(setting.quick ? 15 : 25, {
    version: () => start('--version'),
    help: () => start('--help'),
    empty: () => run([process.execPath, '-e', '0'], runOptions(setting)),
  })
  const empty = median(runs.empty.map((each) => each.seconds))
  const line = (what: string, times: readonly { readonly seconds: number }[], limit: number): Line => {
    const took = median(times.map((each) => each.seconds))
    return {
      what: `sfbulk ${what}, time of \`node -e 0\``,
      value: took / empty,
      unit: ' ×',
      limit: { kind: 'most', value: limit },
      note: `${(took * 1000).toFixed(1)} ms / ${(empty * 1000).toFixed(1)} ms`,
    }
  }
  return [line('--version', runs.version, 1.35), line('--help', runs.help, 1.3)]
}
