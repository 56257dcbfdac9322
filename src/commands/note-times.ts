import type { LoadEvent } from '../load/events.ts'
import type { Timeline } from '../report/timeline.ts'
import type { Talk } from './talk.ts'

/** The talk of a load, with a memory of when rows were read and accounted for. */
export function noteTimes(talk: Talk<LoadEvent>, timeline: Timeline): Talk<LoadEvent> {
  return {
    ...talk,
    report: (event) => {
      if (event.type === 'read' || event.type === 'written') timeline.add(event)
      talk.report(event)
    },
  }
}
