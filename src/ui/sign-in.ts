/** One thing that the sign-in doctor has looked at. */
export interface SignInFinding {
  readonly what: string
  readonly state: 'ok' | 'note' | 'fault' | 'unknown'
  readonly text: string
  readonly next?: string | undefined
}

const marks = { ok: 'ok', note: 'note', fault: 'FAULT', unknown: '?' } as const

/** A line for each finding, and one for what to do about it. */
export function renderSignIn(findings: readonly SignInFinding[]): readonly string[] {
  const width = Math.max(...findings.map(({ what }) => what.length))
  return findings.flatMap(({ what, state, text, next }) => [
    `${marks[state].padEnd(6)} ${what.padEnd(width)}  ${text}`,
    ...(next === undefined || state === 'fault' ? [] : [`${' '.repeat(width + 9)}→ ${next}`]),
  ])
}
