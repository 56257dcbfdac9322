import { formatCount } from '../format-count.ts'
import type { Org } from '../org/org.ts'
import { renderEnvelope } from '../soap/envelope.ts'
import { childrenOf, childText, parseXml } from '../soap/parse-xml.ts'
import type { FileRules, SizeLimit } from './local-file.ts'
import type { StoreKind } from './manifest-object.ts'

/** No org allows less: the limit of a Developer Edition of old. */
const alwaysAllowed = 5 * 1024 ** 2

/** The limits of a kind. An org may have one of its own for attachments; it is asked for when a file comes that is large. */
export function limitsOf({ object, limit }: StoreKind, org: Org): FileRules['limitOf'] {
  let asked: Promise<SizeLimit> | undefined
  return (bytes) => {
    if (object !== 'Attachment' || bytes <= alwaysAllowed || bytes > limit.bytes) return limit
    asked ??= fetchLimit(org, limit)
    return asked
  }
}

/** Source: SOAP API guide, "getUserInfo()". An org that does not tell has the general limit, and judges by itself. */
async function fetchLimit(org: Org, general: SizeLimit): Promise<SizeLimit> {
  try {
    const response = await org.send({
      method: 'POST',
      path: `/services/Soap/u/${org.apiVersion}`,
      headers: { 'content-type': 'text/xml; charset=UTF-8', soapaction: '""' },
      body: (accessToken) => renderEnvelope(accessToken, '', '<getUserInfo/>'),
      repeatable: true,
    })
    const [envelope] = childrenOf(parseXml(await response.text()), 'Envelope')
    const [body] = childrenOf(envelope, 'Body')
    const [answer] = childrenOf(body, 'getUserInfoResponse')
    const bytes = Number(childText(childrenOf(answer, 'result')[0], 'orgAttachmentFileSizeLimit'))
    if (!(bytes > 0 && bytes < general.bytes)) return general
    return { bytes, words: `${formatCount(bytes)} bytes that this org allows an Attachment` }
  } catch {
    return general
  }
}
