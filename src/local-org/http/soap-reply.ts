import type { Reply } from './reply.ts'

const envelope =
  '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"'
const instanceSpace = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'

/** The answer of a call: `content` is the XML inside its response element. */
export function soapReply(element: string, content: string): Reply {
  const body = `<${element}>${content}</${element}>`
  return {
    status: 200,
    headers: { 'Content-Type': 'text/xml;charset=UTF-8' },
    body: `${envelope} xmlns="urn:partner.soap.sforce.com" ${instanceSpace}><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`,
  }
}

/** A fault: always HTTP 500. `type` names its class, such as `LoginFault`. */
export function soapFault(code: string, message: string, type: string): Reply {
  const text = escapeXml(message)
  const detail =
    `<sf:${type} xsi:type="sf:${type}"><sf:exceptionCode>${code}</sf:exceptionCode>` +
    `<sf:exceptionMessage>${text}</sf:exceptionMessage></sf:${type}>`
  const fault =
    `<soapenv:Fault><faultcode>sf:${code}</faultcode><faultstring>${code}: ${text}</faultstring>` +
    `<detail>${detail}</detail></soapenv:Fault>`
  return {
    status: 500,
    headers: { 'Content-Type': 'text/xml;charset=UTF-8' },
    body: `${envelope} xmlns:sf="urn:fault.partner.soap.sforce.com" ${instanceSpace}><soapenv:Body>${fault}</soapenv:Body></soapenv:Envelope>`,
  }
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}
