import { readClockAhead } from '../org/login-error.ts'
import type { OrgTools } from '../org/request.ts'
import type { Finding } from './sign-in-check.ts'

/** The same tools, whose answers are held against this machine's clock. */
export function watchDates(tools: OrgTools): {
  readonly tools: OrgTools
  /** Milliseconds by which this machine is ahead of the host that answered last; undefined when none had a date. */
  readonly clockAhead: () => number | undefined
} {
  let ahead: number | undefined
  return {
    tools: {
      ...tools,
      http: {
        ...tools.http,
        send: async (request) => {
          const answer = await tools.http.send(request)
          ahead = readClockAhead(answer.headers.date, tools.now()) ?? ahead
          return answer
        },
      },
    },
    clockAhead: () => ahead,
  }
}

/** Assertions live three minutes, and half of that is lost on the way and to other clocks. */
const largest = 90_000

export function checkClock(ahead: number | undefined): Finding {
  const what = 'clock'
  if (ahead === undefined) return { what, state: 'unknown', text: 'no answer said what time it is there' }
  const seconds = Math.round(Math.abs(ahead) / 1_000)
  const difference = `this machine is ${seconds} s ${ahead < 0 ? 'behind' : 'ahead of'} the org`
  // The header has whole seconds.
  if (seconds <= 2) return { what, state: 'ok', text: 'as in the org' }
  if (Math.abs(ahead) < largest) return { what, state: 'ok', text: difference }
  const next = 'set the clock of this machine, by NTP for good: JWT bearer logins are refused with a wrong one'
  return { what, state: 'note', text: difference, next }
}
