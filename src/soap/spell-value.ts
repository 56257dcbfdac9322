/** A value as SOAP wants it written. */
export interface SpelledValue {
  readonly text: string
  /** Whether it is a value of its field's type at all; one that is not is for the service to refuse. */
  readonly fits: boolean
}

/**
 * Writes a cell as XML Schema does, from what Bulk API takes: booleans in any case, zones without a colon. `type` is the
 * field's in describe. Source: SOAP API guide, "Primitive Data Types"; Bulk API guide, "Valid Date Format in Records".
 */
export function spellValue(type: string, cell: string): SpelledValue {
  const spell = spellings[type]
  return spell ? spell(cell.trim()) : { text: cell, fits: true }
}

const spellings: Readonly<Record<string, (text: string) => SpelledValue>> = {
  boolean: (text) => {
    const lower = text.toLowerCase()
    return /^(true|false|1|0)$/.test(lower) ? { text: lower, fits: true } : { text, fits: false }
  },
  int: spellInteger,
  long: spellInteger,
  double: spellNumber,
  currency: spellNumber,
  percent: spellNumber,
  date: (text) => ({ text, fits: /^\d{4}-\d\d-\d\d(Z|[-+]\d\d:\d\d)?$/.test(text) && isDay(text) }),
  datetime: (text) => {
    const spelled = text.replace(/([-+]\d\d)(\d\d)$/, '$1:$2')
    const fits =
      /^\d{4}-\d\d-\d\dT([01]\d|2[0-3])(:[0-5]\d){2}(\.\d+)?(Z|[-+]\d\d:\d\d)$/.test(spelled) && isDay(spelled)
    return fits ? { text: spelled, fits } : { text, fits }
  },
  time: (text) => ({ text, fits: /^([01]\d|2[0-3])(:[0-5]\d){2}(\.\d+)?Z?$/.test(text) }),
}

function spellInteger(text: string): SpelledValue {
  return { text, fits: /^[-+]?\d+$/.test(text) && Math.abs(Number(text)) < 2 ** 31 }
}

function spellNumber(text: string): SpelledValue {
  return { text, fits: /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text) }
}

/** Whether the calendar has the day that a text begins with. */
function isDay(text: string): boolean {
  const day = text.slice(0, 10)
  const date = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)
}
