import { interleave, median, run } from './measure.ts'
import type { Line } from './report.ts'
import { runOptions, type Setting } from './setting.ts'

/** How long `sfbulk --version` takes against an empty program. */
export async function measureStartUp(setting: Setting): Promise<Line[]> {
  const runs = await interleave(setting.quick ? 15 : 25, {
    sfbulk: () => run([...setting.sfbulk, '--version'], runOptions(setting)),
    empty: () => run([process.execPath, '-e', '0'], runOptions(setting)),
  })
  const [took, empty] = [
    median(runs.sfbulk.map((each) => each.seconds)),
    median(runs.empty.map((each) => each.seconds)),
  ]
  return [
    {
      what: 'sfbulk --version, time of `node -e 0`',
      value: took / empty,
      unit: ' ×',
      limit: { kind: 'most', value: 1.35 },
      note: `${(took * 1000).toFixed(1)} ms / ${(empty * 1000).toFixed(1)} ms`,
    },
  ]
}
