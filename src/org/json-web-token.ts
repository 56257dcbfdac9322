/** Whether an access token is a JSON Web Token: three parts in base64url, the first a JSON object. A session id has two, with an exclamation mark between. */
export function isJsonWebToken(token: string): boolean {
  return /^eyJ[\w-]*\.[\w-]+\.[\w-]+$/.test(token)
}
