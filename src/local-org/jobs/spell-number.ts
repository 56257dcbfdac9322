/**
 * Spells a number as Java's `Double.toString` does, which is how the service echoes currencies and doubles:
 * 912260031 becomes `9.12260031E8`, 5 becomes `5.0`. From 10^-3 up to 10^7 the plain form is used.
 */
export function spellDouble(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  if (size === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value)
  const [mantissa = '', exponent = ''] = value.toExponential().split('e')
  const withPoint = mantissa.includes('.') ? mantissa : `${mantissa}.0`
  return `${withPoint}E${exponent.replace('+', '')}`
}

const numberText = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/

/** A cell of a result file: what was uploaded, numbers of a floating type spelt anew. */
export function echoCell(cell: string, fieldType: string): string {
  if (fieldType !== 'double' && fieldType !== 'currency' && fieldType !== 'percent') return cell
  const text = cell.trim()
  return numberText.test(text) ? spellDouble(Number(text)) : cell
}
