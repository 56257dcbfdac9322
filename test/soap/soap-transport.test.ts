import { describe, expect, test, vi } from 'vitest'
import { AuthError } from '../../src/errors.ts'
import { PartNotSent, type PlacedResult } from '../../src/load/transport.ts'
import { createOrg } from '../../src/org/request.ts'
import type { FindWritten, RowTrace } from '../../src/soap/settle-call.ts'
import { createSoapTransport, type SoapOptions } from '../../src/soap/soap-transport.ts'
import { type Dialogue, fakeTools, openOrg, type Step, startDialogue } from '../org/dialogue.ts'
import { accepted, answerTo, bodyOf, fault, inside, kindOf, object, rejected } from './envelopes.ts'

const signal = new AbortController().signal
const drop: Step = (_, response) => void response.destroy()

interface Sent {
  readonly answers: readonly PlacedResult[]
  readonly heard: Dialogue['heard']
  readonly logins: number
}

/** Sends one part through a scripted dialogue. */
async function send(
  [operation, externalId]: readonly [string, string?],
  csv: string,
  script: readonly Step[],
  options: SoapOptions & { readonly token?: string; readonly signal?: AbortSignal } = {},
): Promise<Sent> {
  const dialogue = await startDialogue(script)
  const { org, state } = options.token ? openWith(options.token, dialogue.url) : openOrg(dialogue.url, fakeTools())
  const transport = createSoapTransport(org, object, { pause: async () => {}, ...options })
  const sent = await transport.send(kindOf(operation, externalId), bodyOf(csv), options.signal ?? signal)
  expect(sent.id).toBe('')
  const placed: PlacedResult[] = []
  for await (const results of transport.results(sent, await transport.finish(sent, signal), sent.rows ?? 0)) {
    if ('placed' in results) placed.push(...results.placed)
  }
  return { answers: placed, heard: dialogue.heard, logins: state.logins }
}

/** An org whose session cannot be renewed. */
function openWith(accessToken: string, instanceUrl: string) {
  const session = { accessToken, instanceUrl }
  const connection = { name: 'test', username: undefined, apiVersion: '66.0', session, logIn: undefined }
  return { org: createOrg(connection, fakeTools()), state: { logins: 0 } }
}

async function failure(sending: Promise<unknown>): Promise<PartNotSent['failure']> {
  const error = await sending.catch((thrown: unknown) => thrown)
  if (error instanceof PartNotSent) return error.failure
  throw error
}

describe('a part that is sent by SOAP', () => {
  test('is read in both spellings that XML has for true', async () => {
    const result = accepted('a00000000000001AAA', '<created>1</created>').replace('>true<', '> 1 <')
    const { answers } = await send(['upsert', 'Key__c'], 'Key__c\nOne\n', [answerTo('upsert', result)])
    expect(answers).toMatchObject([{ verdict: 'accepted', created: true }])
  })

  test('is one call with the session in its envelope', async () => {
    const { heard, answers } = await send(['insert'], 'Name\nOne\nTwo\n', [
      answerTo('create', accepted('a00000000000001AAA') + accepted('a00000000000002AAA')),
    ])
    expect(heard[0]).toMatchObject({ method: 'POST', url: '/services/Soap/u/66.0' })
    expect(heard[0]?.headers).toMatchObject({ 'content-type': 'text/xml; charset=UTF-8', soapaction: '""' })
    expect(heard[0]?.headers.authorization).toBeUndefined()
    expect(inside(heard[0], 's:Header')).toBe('<SessionHeader><sessionId>token-0</sessionId></SessionHeader>')
    expect(inside(heard[0], 's:Body')).toBe(
      '<create><sObjects><o:type>Thing__c</o:type><o:Name>One</o:Name></sObjects>' +
        '<sObjects><o:type>Thing__c</o:type><o:Name>Two</o:Name></sObjects></create>',
    )
    expect(answers).toEqual([
      { row: 0, verdict: 'accepted', id: 'a00000000000001AAA', created: true, error: '' },
      { row: 1, verdict: 'accepted', id: 'a00000000000002AAA', created: true, error: '' },
    ])
  })

  test('says null, Id and fields in the order of the WSDL', async () => {
    const { heard } = await send(['update'], 'Name,Note__c,Id,Amount__c\nOne,#N/A,a00000000000001AAA,\n', [
      answerTo('update', accepted('a00000000000001AAA')),
    ])
    expect(inside(heard[0], 'sObjects')).toBe(
      '<o:type>Thing__c</o:type><o:fieldsToNull>Note__c</o:fieldsToNull><o:Id>a00000000000001AAA</o:Id><o:Name>One</o:Name>',
    )
  })

  test('names parents by their keys, and takes a null among them for the reference', async () => {
    const { heard, answers } = await send(
      ['upsert', 'Key__c'],
      'Key__c,account__r.ERP_Id__c,user:Owner.Username\nk1,A & B,ada@example.com\nk2,#N/A,\n',
      [
        answerTo(
          'upsert',
          accepted('a00000000000001AAA', '<created>true</created>') +
            accepted('a00000000000002AAA', '<created>false</created>'),
        ),
      ],
    )
    expect(inside(heard[0], 'upsert')).toBe(
      '<externalIDFieldName>Key__c</externalIDFieldName><sObjects><o:type>Thing__c</o:type><o:Key__c>k1</o:Key__c>' +
        '<o:Account__r xsi:type="o:sObject"><o:type>Account</o:type><o:ERP_Id__c>A &amp; B</o:ERP_Id__c></o:Account__r>' +
        '<o:Owner xsi:type="o:sObject"><o:type>User</o:type><o:Username>ada@example.com</o:Username></o:Owner></sObjects>' +
        '<sObjects><o:type>Thing__c</o:type><o:fieldsToNull>Account__c</o:fieldsToNull><o:Key__c>k2</o:Key__c></sObjects>',
    )
    expect(answers.map(({ created }) => created)).toEqual([true, false])
  })

  test('never has a field both empty and filled', async () => {
    const { heard } = await send(['insert'], 'Name,Account__c,Account__r.ERP_Id__c\nOne,#N/A,A1\nTwo,#N/A,#N/A\n', [
      answerTo('create', accepted('a00000000000001AAA') + accepted('a00000000000002AAA')),
    ])
    const [one, two] = inside(heard[0], 'create').split('</sObjects>')
    expect(one).not.toContain('fieldsToNull')
    expect(two?.match(/<o:fieldsToNull>Account__c</g)).toHaveLength(1)
  })

  test('has its errors spelled as the Bulk API does', async () => {
    const { answers } = await send(['insert'], 'Name\n1\n2\n3\n', [
      answerTo(
        'create',
        rejected('FIELD_INTEGRITY_EXCEPTION', 'no &quot;such&quot; &#60;city&#x3e;', 'City__c', 'Country__c') +
          rejected('UNABLE_TO_LOCK_ROW', 'unable to obtain exclusive access') +
          '<result><errors><message>a</message><statusCode>A</statusCode></errors>' +
          '<errors><fields>F</fields><message>b\nc</message><statusCode>B</statusCode></errors><success>false</success></result>',
      ),
    ])
    expect(answers.map(({ verdict, error }) => ({ verdict, error }))).toEqual([
      { verdict: 'rejected', error: 'FIELD_INTEGRITY_EXCEPTION:no "such" <city>:City__c Country__c --' },
      { verdict: 'rejected', error: 'UNABLE_TO_LOCK_ROW:unable to obtain exclusive access:--' },
      { verdict: 'rejected', error: 'A:a:--B:b\nc:F --' },
    ])
  })

  test('of Ids deletes no record of another object', async () => {
    const { heard, answers } = await send(['delete'], 'Id\na00000000000001AAA\n001000000000001AAA\n#N/A\n" "\n', [
      answerTo('delete', accepted('a00000000000001AAA')),
    ])
    expect(inside(heard[0], 's:Body')).toBe('<delete><ids>a00000000000001AAA</ids></delete>')
    expect(answers.map(({ row, verdict, error }) => [row, verdict, error])).toEqual([
      [0, 'accepted', ''],
      [1, 'rejected', 'LOCAL:001000000000001AAA is no Id of Thing__c: those begin with a00'],
      [2, 'rejected', 'LOCAL:#N/A is no Id of Thing__c: those begin with a00'],
      [3, 'rejected', 'LOCAL:Id is empty'],
    ])
  })

  test('keeps back the rows that XML cannot carry, and makes no call when all are such', async () => {
    const reason =
      'LOCAL:Note__c holds the character U+0001, which XML cannot carry; take it out, or send the row with --api bulk'
    const { answers } = await send(['insert'], 'Name,Note__c\nOne,a\u0001b\nTwo,fine\n', [
      answerTo('create', accepted('a00000000000002AAA')),
    ])
    expect(answers).toEqual([
      { row: 0, verdict: 'rejected', id: '', created: false, error: reason },
      { row: 1, verdict: 'accepted', id: 'a00000000000002AAA', created: true, error: '' },
    ])
    expect((await send(['insert'], 'Name,Note__c\nOne,a\u0001b\n', [])).answers).toHaveLength(1)
  })

  test('carries the headers that were asked for', async () => {
    const script = [answerTo('create', accepted('a00000000000001AAA'))]
    const { heard } = await send(['insert'], 'Name\nOne\n', script, {
      assignmentRule: '01Q000000000001AAA',
      allOrNone: true,
      allowDuplicates: true,
      skipFeedTracking: true,
    })
    expect(inside(heard[0], 's:Header')).toContain(
      '</SessionHeader><AssignmentRuleHeader><assignmentRuleId>01Q000000000001AAA</assignmentRuleId></AssignmentRuleHeader>' +
        '<AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>' +
        '<DuplicateRuleHeader><allowSave>true</allowSave></DuplicateRuleHeader>' +
        '<DisableFeedTrackingHeader><disableFeedTracking>true</disableFeedTracking></DisableFeedTrackingHeader>',
    )
    const byDefault = await send(['insert'], 'Name\nOne\n', script, { assignmentRule: 'default' })
    expect(inside(byDefault.heard[0], 'AssignmentRuleHeader')).toBe('<useDefaultRule>true</useDefaultRule>')
  })

  test('renews its session', async () => {
    const { heard, logins } = await send(['insert'], 'Name\nOne\n', [
      fault('sf:INVALID_SESSION_ID', 'INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session'),
      answerTo('create', accepted('a00000000000001AAA')),
    ])
    expect(logins).toBe(1)
    expect(heard.map((request) => inside(request, 'sessionId'))).toEqual(['token-0', 'token-1'])
  })
})

describe('a SOAP call whose answer is lost', () => {
  const [one, two] = ['a00000000000001AAA', 'a00000000000002AAA']
  const traces = (...told: readonly RowTrace[]) => ({ findWritten: vi.fn(async () => told) })

  test.each([
    ['insert'],
    ['update'],
    ['upsert', 'Key__c'],
    ['delete'],
  ] as const)('is not repeated for %s, and its rows are unknown where the org is not asked', async (...operation) => {
    expect(await failure(send(operation, `Id,Key__c\n${one},k\n`, [drop]))).toMatchObject({ mayHaveArrived: true })
  })

  test('goes out once more with the rows alone that the org has not touched', async () => {
    const untold = { state: 'untold', reason: 'nobody knows' } as const
    const written = { state: 'written', id: one, created: true } as const
    const { findWritten } = traces(written, { state: 'absent' }, untold)
    const script = [drop, answerTo('upsert', accepted(two))]
    const { answers, heard } = await send(['upsert', 'Key__c'], 'Key__c\na\nb\nc\n', script, { findWritten })
    expect(inside(heard[1], 'upsert')).not.toMatch(/>[ac]</)
    expect(answers).toEqual([
      { row: 0, verdict: 'accepted', id: one, created: true, error: '' },
      { row: 1, verdict: 'accepted', id: two, created: false, error: '' },
      { row: 2, verdict: 'unknown', id: '', created: false, error: 'nobody knows' },
    ])
    expect(findWritten).toHaveBeenCalledWith(expect.objectContaining({ externalIdField: 'Key__c' }))
  })

  test('is asked for patiently while the org shows nothing of it', async () => {
    const findWritten = vi
      .fn<FindWritten>()
      .mockResolvedValueOnce([{ state: 'absent' }])
      .mockResolvedValue([{ state: 'written', id: one, created: true }])
    const { answers, heard } = await send(['insert'], 'Name\nOne\n', [drop], { findWritten })
    expect([heard.length, findWritten.mock.calls.length, answers[0]?.verdict]).toEqual([1, 2, 'accepted'])
  })

  test('gives the record that a row has created to no other one, though the answer to that is lost as well', async () => {
    const written = { state: 'written', id: one, created: true } as const
    const findWritten = vi
      .fn<FindWritten>()
      .mockResolvedValueOnce([written, { state: 'absent' }])
      .mockResolvedValue([written])
    const script = [drop, drop, answerTo('create', rejected('DUPLICATE_VALUE', 'duplicate value found'))]
    const { answers } = await send(['insert'], 'Key__c\na\na\n', script, { findWritten })
    expect(answers.map(({ verdict, id }) => [verdict, id])).toEqual([
      ['accepted', one],
      ['rejected', ''],
    ])
  })

  test('is given up after some attempts, and then leaves the rows unknown', async () => {
    const options = traces({ state: 'absent' })
    const lost = await failure(send(['update'], `Id,Name\n${one},One\n`, [drop, drop, drop, drop], options))
    expect(lost).toMatchObject({ mayHaveArrived: true })
  })

  test('can be asked for later when the org does not answer now, or what is left is refused', async () => {
    const findWritten = async () => {
      throw new Error('away')
    }
    const csv = `Id,Name\n${one},One\n`
    const away = await failure(send(['update'], csv, [drop], { findWritten }))
    expect(away).toMatchObject({ mayHaveArrived: true, askFailure: { message: 'away' } })
    const refusal = fault('sf:REQUEST_LIMIT_EXCEEDED', 'REQUEST_LIMIT_EXCEEDED: TotalRequests Limit exceeded.')
    const refused = await failure(send(['update'], csv, [drop, refusal], traces({ state: 'absent' })))
    expect(refused).toMatchObject({ mayHaveArrived: true, askFailure: { code: 'REQUEST_LIMIT_EXCEEDED' } })
  })

  test('has deleted what was there when the org was asked and is gone now, and not what was gone before', async () => {
    const gone = rejected('ENTITY_IS_DELETED', 'entity is deleted')
    const options = traces({ state: 'absent' }, { state: 'absent', gone: true })
    const { answers } = await send(['delete'], `Id\n${one}\n${two}\n`, [drop, answerTo('delete', gone + gone)], options)
    expect(answers.map(({ verdict }) => verdict)).toEqual(['accepted', 'rejected'])
    const undeleted = answerTo('undelete', rejected('UNDELETE_FAILED', 'not in the bin'))
    const back = await send(['undelete'], `Id\n${one}\n`, [drop, undeleted], traces({ state: 'absent' }))
    expect(back.answers).toMatchObject([{ verdict: 'accepted', id: one, error: '' }])
  })

  test.each([
    ['comes from a gateway', () => ({ status: 502, text: '<html>Bad gateway</html>' })],
    ['is no SOAP', () => ({ status: 200, text: '<html>Sign in</html>' })],
    ['is for fewer rows', answerTo('create', '')],
    ['declares entities', () => ({ text: '<!DOCTYPE x [<!ENTITY e "x">]><x>&e;</x>' })],
    [
      'says that the service does not know itself',
      fault('sf:UNKNOWN_EXCEPTION', 'UNKNOWN_EXCEPTION: An unexpected error'),
    ],
  ] as const)('counts as lost when it %s', async (_, answer) => {
    expect(await failure(send(['insert'], 'Name\nOne\n', [answer]))).toMatchObject({ mayHaveArrived: true })
  })
})

describe('a SOAP call that is refused', () => {
  test('has written nothing', async () => {
    const refusal = await failure(
      send(['update'], 'Id,Name\na00000000000001AAA,One\n', [
        fault('sf:EXCEEDED_ID_LIMIT', 'EXCEEDED_ID_LIMIT: too many'),
      ]),
    )
    expect(refusal).toMatchObject({ mayHaveArrived: false, error: { code: 'EXCEEDED_ID_LIMIT' } })
  })

  test('for a value goes out again without the row that holds it', async () => {
    const { heard, answers } = await send(['insert'], 'Name,Amount__c\nOne,12 kg\nTwo,2\nThree,12 kg\n', [
      fault('soapenv:Client', "'12 kg' is not a valid value for the type xsd:double"),
      answerTo('create', accepted('a00000000000002AAA')),
    ])
    expect(heard[0]?.body).toContain('<o:Amount__c xsi:type="xsd:string">12 kg</o:Amount__c>')
    expect(answers.map(({ verdict }) => verdict)).toEqual(['rejected', 'accepted', 'rejected'])
    expect(answers[2]?.error).toBe(
      "LOCAL:not sent, because the service refuses the value in Amount__c: '12 kg' is not a valid value for the type xsd:double",
    )
  })

  test('because of a JSON Web Token says what to do', async () => {
    const refusal = fault('sf:INVALID_SESSION_ID', 'INVALID_SESSION_ID: Invalid Session ID found in SessionHeader')
    const { error, mayHaveArrived } = await failure(
      send(['insert'], 'Name\nOne\n', [refusal], { token: 'eyJhbGciOi.eyJzdWIi.c2ln' }),
    )
    expect(mayHaveArrived).toBe(false)
    expect(error).toBeInstanceOf(AuthError)
    expect(error).toMatchObject({ code: 'JWT_BY_SOAP', hint: expect.stringContaining('--api bulk') })
  })

  test('is not even made after an interruption', async () => {
    const interrupted = send(['insert'], 'Name\nOne\n', [], { signal: AbortSignal.abort() })
    expect(await failure(interrupted)).toMatchObject({ mayHaveArrived: false, error: { code: 'INTERRUPTED' } })
  })

  test('for a hard delete is refused before anything is sent', async () => {
    await expect(send(['hardDelete'], 'Id\na00000000000001AAA\n', [])).rejects.toMatchObject({
      code: 'NOT_BY_SOAP',
      exit: 'usage',
      hint: expect.stringContaining('--api bulk'),
    })
  })
})
