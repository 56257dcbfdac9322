import type { OrgParts } from '../parts.ts'
import { Refusal } from './refusal.ts'
import { escapeXml, findChild, type XmlElement } from './soap-xml.ts'
import { findUser, type OrgUser } from './users.ts'

const firstVersionWithoutLogin = 65

/** `login()`, gone from API 65.0 on. Gives the content of its answer. Throws refusals. SOAP guide, "login()". */
export function logIn(parts: OrgParts, version: number, call: XmlElement): string {
  if (version >= firstVersionWithoutLogin) {
    const message = `The SOAP Login operation is not available in the API version specified (${version}.0).`
    throw new Refusal(500, 'INVALID_OPERATION', message)
  }
  const { settings, sessions, organizationId, url } = parts
  const password = findChild(call, 'password')?.text ?? ''
  const user = findUser(parts, findChild(call, 'username')?.text ?? '')
  if (user === undefined) throw invalidLogin()
  if (password === settings.password) {
    const message =
      'Invalid username, password, security token; or user locked out. Add the security token to the password.'
    throw new Refusal(500, 'LOGIN_MUST_USE_SECURITY_TOKEN', message)
  }
  if (password !== settings.password + settings.securityToken) throw invalidLogin()
  const { token } = sessions.open(user.id)
  const place = `${version}.0/${organizationId.slice(0, 15)}`
  return (
    '<result>' +
    `<metadataServerUrl>${url()}/services/Soap/m/${place}</metadataServerUrl>` +
    '<passwordExpired>false</passwordExpired><sandbox>false</sandbox>' +
    `<serverUrl>${url()}/services/Soap/u/${place}</serverUrl>` +
    `<sessionId>${token}</sessionId><userId>${user.id}</userId>` +
    `<userInfo>${describeUser(parts, user)}</userInfo></result>`
  )
}

export function invalidLogin(): Refusal {
  return new Refusal(500, 'INVALID_LOGIN', 'Invalid username, password, security token; or user locked out.')
}

/** What `login()` and `getUserInfo()` tell of the user, in the order of the WSDL. */
export function describeUser({ organizationId }: OrgParts, user: OrgUser): string {
  const name = escapeXml(user.username)
  return (
    '<accessibilityMode>false</accessibilityMode><currencySymbol>€</currencySymbol>' +
    '<orgAttachmentFileSizeLimit>26214400</orgAttachmentFileSizeLimit>' +
    '<orgDefaultCurrencyIsoCode>EUR</orgDefaultCurrencyIsoCode>' +
    `<organizationId>${organizationId}</organizationId><organizationName>Local Org</organizationName>` +
    '<profileId xsi:nil="true"/><roleId xsi:nil="true"/><sessionSecondsValid>7200</sessionSecondsValid>' +
    `<userEmail>${name}</userEmail><userFullName>Local Administrator</userFullName>` +
    `<userId>${user.id}</userId><userLanguage>en_US</userLanguage><userLocale>en_US</userLocale>` +
    `<userName>${name}</userName><userTimeZone>GMT</userTimeZone><userType>Standard</userType>`
  )
}
