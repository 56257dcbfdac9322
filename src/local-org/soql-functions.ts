import type { FunctionExp } from '@jetstreamapp/soql-parser-js'
import type { Scope } from './soql-scope.ts'

export interface CompiledFunction {
  readonly sql: string
  readonly type: string
}

/** Compiles a date function, an aggregate, or a function that changes nothing here. Throws for any other. */
export function compileFunction(call: FunctionExp, scope: Scope): CompiledFunction {
  const name = (call.functionName ?? '').toUpperCase()
  const [parameter] = call.parameters ?? []
  if (name === 'COUNT' && parameter === undefined) return { sql: 'count(*)', type: 'int' }
  const inner = typeof parameter === 'object' ? compileFunction(parameter, scope) : undefined
  const resolved = typeof parameter === 'string' ? scope.resolvePath(parameter) : undefined
  const argument = inner ?? resolved
  if (argument === undefined) throw unsupported(call, scope)
  const dated = dateFunctions[name]
  if (dated !== undefined) return compileDateFunction(call, scope, dated, argument)
  switch (name) {
    case 'COUNT':
      return { sql: `count(${argument.sql})`, type: 'int' }
    case 'COUNT_DISTINCT':
      return { sql: `count(DISTINCT ${argument.sql})`, type: 'int' }
    case 'SUM':
    case 'AVG':
      if (!isNumeric(argument.type)) throw notAggregatable(call, scope, name)
      return { sql: `${name.toLowerCase()}(${argument.sql})`, type: name === 'AVG' ? 'double' : argument.type }
    case 'MIN':
    case 'MAX':
      if (argument.type === 'boolean') throw notAggregatable(call, scope, name)
      return { sql: `${name.toLowerCase()}(${argument.sql})`, type: argument.type }
    case 'CONVERTTIMEZONE':
    case 'CONVERTCURRENCY':
    case 'TOLABEL':
      return argument
    default:
      throw unsupported(call, scope)
  }
}

function isNumeric(type: string): boolean {
  return type === 'int' || type === 'double' || type === 'currency' || type === 'percent'
}

function compileDateFunction(
  call: FunctionExp,
  scope: Scope,
  toSql: (date: string) => string,
  { sql, type }: CompiledFunction,
): CompiledFunction {
  if (type !== 'date' && type !== 'datetime') throw unsupported(call, scope)
  return { sql: toSql(sql), type: call.functionName?.toUpperCase() === 'DAY_ONLY' ? 'date' : 'int' }
}

function part(date: string, start: number, length: number): string {
  return `CAST(substr(${date}, ${start}, ${length}) AS INTEGER)`
}

const year = (date: string): string => part(date, 1, 4)
const month = (date: string): string => part(date, 6, 2)
const quarter = (date: string): string => `((${month(date)} + 2) / 3)`
const dayInYear = (date: string): string => `CAST(strftime('%j', ${date}) AS INTEGER)`

/** The fiscal year is the calendar year; weeks are counted from the first day. Source: SOQL guide, "Date functions". */
const dateFunctions: Readonly<Record<string, (date: string) => string>> = {
  CALENDAR_YEAR: year,
  CALENDAR_QUARTER: quarter,
  CALENDAR_MONTH: month,
  FISCAL_YEAR: year,
  FISCAL_QUARTER: quarter,
  FISCAL_MONTH: month,
  DAY_IN_MONTH: (date) => part(date, 9, 2),
  DAY_IN_WEEK: (date) => `(CAST(strftime('%w', ${date}) AS INTEGER) + 1)`,
  DAY_IN_YEAR: dayInYear,
  DAY_ONLY: (date) => `substr(${date}, 1, 10)`,
  HOUR_IN_DAY: (date) => part(date, 12, 2),
  WEEK_IN_MONTH: (date) => `((${part(date, 9, 2)} - 1) / 7 + 1)`,
  WEEK_IN_YEAR: (date) => `((${dayInYear(date)} - 1) / 7 + 1)`,
}

function unsupported(call: FunctionExp, scope: Scope): Error {
  const name = call.functionName ?? ''
  return scope.text.error('MALFORMED_QUERY', name, `Function not supported here: ${call.rawValue ?? name}`)
}

function notAggregatable(call: FunctionExp, scope: Scope, name: string): Error {
  const field = String(call.parameters?.[0])
  return scope.text.error('MALFORMED_QUERY', field, `field ${field} does not support aggregate operator ${name}`)
}
