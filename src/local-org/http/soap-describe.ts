import { isObject } from './api-request.ts'
import { Refusal } from './refusal.ts'
import type { SoapCall, SoapOperation } from './soap-call.ts'
import { findObject } from './soap-records.ts'
import { childTexts, escapeXml } from './soap-xml.ts'
import { briefDescription } from './sobjects.ts'

/** The calls that describe objects. SOAP guide, "describeGlobal()", "describeSObjects()". */
export const describeOperations: Readonly<Record<string, SoapOperation>> = {
  describeGlobal: ({ parts }) => {
    const sobjects = parts.engine.objects().map((object) => spell('sobjects', briefDescription(object)))
    return `<result><encoding>UTF-8</encoding><maxBatchSize>200</maxBatchSize>${sobjects.join('')}</result>`
  },
  describeSObject: (call) => describeNamed(call, childTexts(call.call, 'sObjectType').slice(0, 1)),
  describeSObjects: (call) => describeNamed(call, childTexts(call.call, 'sObjectType')),
}

const mostDescribed = 100

function describeNamed({ parts }: SoapCall, names: readonly string[]): string {
  if (names.length > mostDescribed) {
    const message = `Describe limit reached: cannot describe more than ${mostDescribed} types in one call`
    throw new Refusal(500, 'EXCEEDED_MAX_TYPES_LIMIT', message)
  }
  return names.map((name) => spell('result', findObject(parts.engine, name.trim()))).join('')
}

/** The description that REST has as JSON: elements in the order of their names, as in the WSDL, and none for null. */
function spell(element: string, value: unknown): string {
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.map((each: unknown) => spell(element, each)).join('')
  if (!isObject(value)) return `<${element}>${escapeXml(String(value))}</${element}>`
  const names = Object.keys(value).filter((name) => name !== 'urls')
  const inner = names.sort().map((name) => spell(name, value[name]))
  return `<${element}>${inner.join('')}</${element}>`
}
