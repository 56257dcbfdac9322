import { quoteName } from '../sqlite/database.ts'
import { findField, type StoredField, type StoredObject } from './schema.ts'

/**
 * SQL of a field that follows from other fields of its record; `undefined` for a field that is stored. A formula of
 * numbers, fields, `+ - * / ( )` is computed; any other formula is stored and stays null.
 */
export function derivedColumn(object: StoredObject, field: StoredField): string | undefined {
  if (field.extraTypeInfo === 'personname') return personName(object)
  if (field.calculated && field.calculatedFormula !== null) return compileFormula(object, field.calculatedFormula)
  return standardFormulas[`${object.name}.${field.name}`]
}

/** Middle names stand in it where the org has them. Source: Salesforce Help, "Middle names and suffixes". */
function personName(object: StoredObject): string {
  const given = ['FirstName', 'MiddleName'].filter((name) => findField(object, name) !== undefined)
  return `trim(${given.map((name) => `coalesce(${quoteName(name)} || ' ', '') || `).join('')}"LastName")`
}

const closedStages = `coalesce("StageName" = 'Closed Won' OR "StageName" = 'Closed Lost', 0)`

/** Fields that Salesforce computes without showing a formula. */
const standardFormulas: Readonly<Record<string, string>> = {
  'Opportunity.ExpectedRevenue': '"Amount" * "Probability" / 100.0',
  'Opportunity.IsClosed': closedStages,
  'Opportunity.IsWon': `coalesce("StageName", '') = 'Closed Won'`,
  'Opportunity.ForecastCategory': `CASE WHEN "StageName" = 'Closed Lost' THEN 'Omitted' WHEN "StageName" = 'Closed Won' THEN 'Closed' WHEN "Probability" > 80 THEN 'Forecast' WHEN "Probability" > 60 THEN 'BestCase' ELSE 'Pipeline' END`,
  'Case.IsClosed': `coalesce("Status", '') = 'Closed'`,
  'Task.IsClosed': `coalesce("Status", '') = 'Completed'`,
  'Task.IsHighPriority': `coalesce("Priority", '') = 'High'`,
}

/** In a formula a percent field stands for its fraction: 20 % is 0.2. */
function compileFormula(object: StoredObject, formula: string): string | undefined {
  const tokens = formula.match(/[A-Za-z_]\w*|\d+(?:\.\d+)?|\S/g) ?? []
  const compiled: string[] = []
  for (const token of tokens) {
    if (/^[-+*/()]$/.test(token)) compiled.push(token)
    else if (/^\d/.test(token)) compiled.push(`${token}${token.includes('.') ? '' : '.0'}`)
    else {
      const field = findField(object, token)
      if (field === undefined || !/^(?:int|double|currency|percent)$/.test(field.type)) return undefined
      compiled.push(field.type === 'percent' ? `(${quoteName(field.name)} / 100.0)` : quoteName(field.name))
    }
  }
  return isBalanced(compiled) ? compiled.join(' ') : undefined
}

/** Operands and operators in turn, and brackets that close: all that SQLite needs to take the formula. */
function isBalanced(tokens: readonly string[]): boolean {
  let depth = 0
  let operandNext = true
  for (const token of tokens) {
    if (token === '(' && operandNext) depth++
    else if (token === ')' && !operandNext && depth > 0) depth--
    else if (/^[-+*/]$/.test(token) && !operandNext) operandNext = true
    else if (!/^[-+*/()]$/.test(token) && operandNext) operandNext = false
    else return false
  }
  return depth === 0 && !operandNext
}
