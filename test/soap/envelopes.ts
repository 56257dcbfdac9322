import type { PartBody, PartKind } from '../../src/load/transport.ts'
import type { ObjectDescription } from '../../src/org/object-description.ts'
import { field, thing } from '../load/load-in-memory.ts'
import type { Reply, Step } from '../org/dialogue.ts'

export const object: ObjectDescription = {
  ...thing,
  fields: [...thing.fields, field('Count__c', 'int'), field('At__c', 'time')],
}

export function kindOf(operation: string, externalIdField?: string): PartKind {
  return { object: object.name, operation, externalIdField }
}

export function bodyOf(csv: string): PartBody {
  const whole = Buffer.from(csv)
  return {
    whole,
    async *stream() {
      yield whole
    },
  }
}

/** An answer of the service to a call, around the XML of its results. */
export function answerTo(call: string, results: string): Step {
  return () => soap(`<${call}Response>${results}</${call}Response>`)
}

export function accepted(id: string, created = ''): string {
  return `<result>${created}<id>${id}</id><success>true</success></result>`
}

export function rejected(code: string, message: string, ...fields: readonly string[]): string {
  const named = fields.map((name) => `<fields>${name}</fields>`).join('')
  const error = `<errors>${named}<message>${message}</message><statusCode>${code}</statusCode></errors>`
  return `<result>${error}<id xsi:nil="true"/><success>false</success></result>`
}

export function fault(code: string, message: string): Step {
  const text = `<faultcode>${code}</faultcode><faultstring>${message}</faultstring>`
  return () => ({ ...soap(`<soapenv:Fault>${text}</soapenv:Fault>`), status: 500 })
}

function soap(content: string): Reply {
  return {
    headers: { 'content-type': 'text/xml;charset=UTF-8' },
    text:
      '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" ' +
      'xmlns="urn:partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">' +
      `<soapenv:Body>${content}</soapenv:Body></soapenv:Envelope>`,
  }
}

/** What stands between the tags of an element of a request. */
export function inside(request: { readonly body: string } | undefined, element: string): string {
  return new RegExp(`<${element}>([\\s\\S]*)</${element}>`).exec(request?.body ?? '')?.[1] ?? ''
}
