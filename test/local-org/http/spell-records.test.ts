import { expect, test } from 'vitest'
import { startTestOrg } from '../../support/org.ts'

test('REST spells numbers as the service does: doubles with a point or an exponent, integers without', async () => {
  const org = await startTestOrg()
  const records = [
    {
      attributes: { type: 'Account' },
      Name: 'A',
      AnnualRevenue: 12_345_678,
      NumberOfEmployees: 5,
      BillingLatitude: 48,
    },
  ]
  await org.call('POST', 'composite/sobjects', { records })
  const query = async (soql: string) => await (await org.call('GET', `query?q=${encodeURIComponent(soql)}`)).text()
  const rows = await query('SELECT AnnualRevenue, NumberOfEmployees, BillingLatitude FROM Account')
  expect(rows).toContain('"AnnualRevenue":1.2345678E7,"NumberOfEmployees":5,"BillingLatitude":48.0')
  expect(JSON.parse(rows)).toMatchObject({ records: [{ AnnualRevenue: 12_345_678, NumberOfEmployees: 5 }] })
  expect(await query('SELECT AVG(AnnualRevenue) middle, COUNT(Id) FROM Account')).toContain(
    '"middle":1.2345678E7,"expr0":1',
  )
})
