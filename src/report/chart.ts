import type { TimelinePoint } from './timeline.ts'

const width = 720
const height = 180
const margin = { left: 64, right: 8, top: 8, bottom: 24 }

/** Rows a second over time, a line for each of the names, as an SVG drawing; '' where there is too little to draw. */
export function renderChart(points: readonly TimelinePoint[], names: readonly ('read' | 'written')[]): string {
  const end = points.at(-1)?.at ?? 0
  const slots = Math.min(60, points.length - 1)
  if (slots < 2 || end === 0) return ''
  const lines = names.map((name) => ({ name, rates: ratesOf(points, name, slots, end) }))
  const top = niceCeiling(Math.max(...lines.flatMap(({ rates }) => rates)))
  const right = width - margin.right
  const bottom = height - margin.bottom
  const ticks = [0, 0.5, 1].map((share) => {
    const y = bottom - share * (bottom - margin.top)
    return `<line class="grid" x1="${margin.left}" x2="${right}" y1="${y}" y2="${y}"/><text x="${margin.left - 6}" y="${y + 4}" text-anchor="end">${(share * top).toLocaleString('en-US')}</text>`
  })
  const time = `<text x="${margin.left}" y="${height - 6}">0 s</text><text x="${right}" y="${height - 6}" text-anchor="end">${(end / 1000).toFixed(1)} s</text>`
  const drawing = [...ticks, time, ...lines.map(({ name, rates }) => line(name, rates, top))].join('')
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="Rows a second over time">${drawing}</svg>`
}

/** Rows a second in each of `slots` even pieces of time. */
function ratesOf(points: readonly TimelinePoint[], name: 'read' | 'written', slots: number, end: number): number[] {
  const length = end / slots
  const rowsAt = (time: number) => interpolate(points, name, time)
  return Array.from({ length: slots }, (_none, slot) => {
    return Math.max(0, ((rowsAt((slot + 1) * length) - rowsAt(slot * length)) / length) * 1000)
  })
}

function interpolate(points: readonly TimelinePoint[], name: 'read' | 'written', time: number): number {
  const after = points.find(({ at }) => at >= time)
  const before = points.findLast(({ at }) => at <= time)
  if (after === undefined || before === undefined) return (after ?? before)?.[name] ?? 0
  const share = after.at === before.at ? 0 : (time - before.at) / (after.at - before.at)
  return before[name] + share * (after[name] - before[name])
}

function line(name: string, rates: readonly number[], top: number): string {
  const step = (width - margin.left - margin.right) / Math.max(1, rates.length - 1)
  const places = rates.map((rate, index) => {
    const y = height - margin.bottom - (rate / top) * (height - margin.top - margin.bottom)
    return `${(margin.left + index * step).toFixed(1)},${y.toFixed(1)}`
  })
  return `<polyline class="${name}" points="${places.join(' ')}"/>`
}

/** The next of 1, 2, 5, 10, 20, … */
function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, value)))
  return ([1, 2, 5].find((factor) => factor * power >= value) ?? 10) * power
}
