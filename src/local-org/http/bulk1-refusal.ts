import type { Route } from './router.ts'

const refusal =
  '<?xml version="1.0" encoding="UTF-8"?><error xmlns="http://www.force.com/2009/06/asyncapi/dataload">' +
  '<exceptionCode>FeatureNotEnabled</exceptionCode>' +
  '<exceptionMessage>The local org has no Bulk API 1.0: use Bulk API 2.0</exceptionMessage></error>'

/**
 * Bulk API 1.0 is not here. Its clients read errors in its own form and no other: some break down over any other answer.
 * Bulk API guide, "Errors".
 */
export function bulk1Routes(): readonly Route[] {
  const handle = () => ({ status: 400, headers: { 'Content-Type': 'application/xml' }, body: refusal })
  return [{ method: 'POST', path: '/services/async/:version/job', session: false, handle }]
}
