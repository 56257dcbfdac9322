/** What goes wrong with a request, for tests of clients. Exactly one of the ways beside `method`, `path`, `nth`, `times`. */
export interface Fault {
  /** Default: any. */
  readonly method?: string
  /** Regular expression that path and query of the request must match. */
  readonly path: string
  /** Which matching request is the first to fail, counted from 1. Default: 1. */
  readonly nth?: number
  /** How many matching requests fail from then on. Default: 1. */
  readonly times?: number
  /** Answered without acting. A body that is no text is sent as JSON. */
  readonly status?: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** The connection is cut before the request is read, in the middle of it, or after the server acted. */
  readonly drop?: 'before' | 'during' | 'after'
  /** Nothing is answered, and the connection stays: before the server acts, or after it did. */
  readonly hang?: 'before' | 'after'
  /** The body ends after so many bytes and the connection is cut. */
  readonly cutBody?: number
  /** The body ends after so many bytes as if that were all of it; a packed one then lacks its end. */
  readonly shortBody?: number
  /** The body is announced with so many bytes more than it has. */
  readonly wrongLength?: number
  /** The body comes in sixteen pieces with so many milliseconds before each. */
  readonly dripMs?: number
  /** 401, and the session is dead from then on. */
  readonly sessionExpired?: boolean
  /** Milliseconds before the server acts. */
  readonly delayMs?: number
}

export interface FaultState {
  readonly fault: Fault
  /** Requests that matched. */
  readonly matched: number
  /** Requests that failed by it. */
  readonly fired: number
}

/** Faults that were asked for, and what has become of them. */
export interface Faults {
  add(faults: readonly Fault[]): void
  /** The fault of this request, if there is one. Counts the request. */
  take(method: string, pathAndQuery: string): Fault | undefined
  states(): readonly FaultState[]
  /** Those that never fired. */
  unfired(): readonly Fault[]
}

const ways = [
  'status',
  'drop',
  'hang',
  'cutBody',
  'shortBody',
  'wrongLength',
  'dripMs',
  'sessionExpired',
  'delayMs',
] as const

/** Throws an `Error` that says what is wrong when a fault is not one. */
export function createFaults(initial: readonly Fault[] = []): Faults {
  const entries: { fault: Fault; pattern: RegExp; matched: number; fired: number }[] = []

  function add(faults: readonly Fault[]): void {
    for (const fault of faults) {
      const given = ways.filter((way) => fault[way] !== undefined)
      if (given.length !== 1) throw new Error(`A fault has exactly one of ${ways.join(', ')}; this has ${given.length}`)
      entries.push({ fault, pattern: new RegExp(fault.path), matched: 0, fired: 0 })
    }
  }

  function take(method: string, pathAndQuery: string): Fault | undefined {
    let found: Fault | undefined
    for (const entry of entries) {
      const { fault, pattern } = entry
      if (fault.method !== undefined && fault.method !== method) continue
      if (!pattern.test(pathAndQuery)) continue
      entry.matched += 1
      const first = fault.nth ?? 1
      const fires = entry.matched >= first && entry.matched < first + (fault.times ?? 1)
      if (found === undefined && fires) {
        entry.fired += 1
        found = fault
      }
    }
    return found
  }

  add(initial)
  return {
    add,
    take,
    states: () => entries.map(({ fault, matched, fired }) => ({ fault, matched, fired })),
    unfired: () => entries.filter((entry) => entry.fired === 0).map((entry) => entry.fault),
  }
}
