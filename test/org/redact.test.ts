import { stringify } from 'node:querystring'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRedactor } from '../../src/org/redact.ts'

const secrets = fc
  .string({ minLength: 4, maxLength: 40, unit: 'grapheme' })
  .filter((secret) => !/^[*\s]*$/.test(secret))

/** The ways in which a secret stands in what is sent or shown. */
const spell = [
  (secret: string) => secret,
  encodeURIComponent,
  (secret: string) => stringify({ '': secret }).slice(1),
  (secret: string) => new URLSearchParams({ '': secret }).toString().slice(1),
  (secret: string) => JSON.stringify(secret).slice(1, -1),
  (secret: string) => secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;'),
  (secret: string) =>
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
]

test('no spelling of a protected secret is left in a text', () => {
  fc.assert(
    fc.property(secrets, fc.string(), fc.string(), fc.constantFrom(...spell), (secret, before, after, spelled) => {
      fc.pre(isWellFormed(secret))
      const redactor = createRedactor()
      redactor.protect(secret)
      const text = redactor.redact(`${before}\n${spelled(secret)}\n${after}`)
      expect(text).toContain('***')
      expect(text).not.toContain(spelled(secret))
    }),
    { numRuns: 500 },
  )
})

test('secrets inside one another leave nothing of the longer one', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z0-9!.]{4,12}$/), { minLength: 1, maxLength: 5 }), (parts) => {
      const redactor = createRedactor()
      for (const part of parts) redactor.protect(part)
      redactor.protect(parts.join(''))
      expect(redactor.redact(`>${parts.join('')}<`)).toBe('>***<')
    }),
  )
})

test('texts without secrets stay as they are', () => {
  const redactor = createRedactor()
  redactor.protect('s3cret')
  redactor.protect('')
  for (const text of [
    '',
    '*',
    'GET /services/data/v66.0/query?q=SELECT+Id+FROM+Account 200 5 ms',
    '00D000000000001',
    'password: too short, error code: 5',
  ]) {
    expect(redactor.redact(text)).toBe(text)
  }
})

test.each([
  ['GET /x?sid=00D000000000001!AQ.abc_d&y=1', 'GET /x?sid=***&y=1'],
  ['session 00D000000000001AAA%21AQ.abc given', 'session *** given'],
  ['grant_type=password&password=hunter2&client_secret=x%20y', 'grant_type=password&password=***&client_secret=***'],
  ['Authorization: Bearer abc.def', 'Authorization: Bearer ***'],
])('a secret that nobody announced is known by its shape or its name: %s', (text, shown) => {
  expect(createRedactor().redact(text)).toBe(shown)
})

function isWellFormed(text: string): boolean {
  try {
    encodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
