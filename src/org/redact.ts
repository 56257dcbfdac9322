/** Keeps secrets out of everything that is shown. */
export interface Redactor {
  /** From now on, this text is struck out in each spelling that a URL, form, XML or JSON body gives it. */
  protect(secret: string): void
  redact(text: string): string
}

const mark = '***'

export function createRedactor(): Redactor {
  let spellings: readonly string[] = []
  return {
    protect: (secret) => {
      // Longest first: a secret that is part of another one must not leave the rest of that one behind.
      spellings = [...new Set([...spellings, ...spellingsOf(secret)])]
        .filter((spelling) => !mark.includes(spelling))
        .sort((a, b) => b.length - a.length)
    },
    redact: (text) => {
      const known = spellings.reduce((rest, spelling) => rest.replaceAll(spelling, mark), text)
      return known.replace(sessionId, mark).replace(namedSecret, `$1${mark}`)
    },
  }
}

/** Session ids and access tokens begin with the org's id; some come from the org and were never given to `protect`. */
const sessionId = /\b00D[A-Za-z0-9]{12,15}(?:!|%21)[\w.%]+/g

/** Values of parameters and headers that are secret by their name. */
const namedSecret =
  /\b((?:access_token|refresh_token|client_secret|password|assertion|sid)=|(?:X-SFDC-Session|Authorization): (?:Bearer |OAuth |Basic )?)[^\s&;,"'<>]+/gi

function spellingsOf(secret: string): string[] {
  const url = encodeURIComponent(secret)
  const form = new URLSearchParams({ s: secret }).toString().slice(2)
  const querystring = url.replaceAll('%20', '+')
  const xml = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  const json = JSON.stringify(secret).slice(1, -1)
  const lowerUrl = url.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
  return [secret, url, form, querystring, xml, xml.replaceAll('"', '&quot;'), json, lowerUrl]
}
