import { RowFault } from '../values/row-error.ts'
import { sizeOfBody } from './bodies.ts'
import { contentVersionRule } from './dml-files.ts'
import type { RecordRule } from './record-rule.ts'

export function rulesOf(object: string): readonly RecordRule[] {
  return rules.filter((rule) => rule.object === object)
}

const rules: readonly RecordRule[] = [
  {
    // The one validation rule of the org, so that a load can meet a rejection which no describe answer announces.
    object: 'Account',
    fields: ['AnnualRevenue'],
    apply(draft) {
      if (Number(draft.get('AnnualRevenue') ?? 0) >= 0) return
      const message = 'Annual Revenue must not be negative.'
      throw new RowFault('FIELD_CUSTOM_VALIDATION_EXCEPTION', message, 'AnnualRevenue')
    },
  },
  {
    object: 'Opportunity',
    fields: ['StageName', 'Probability'],
    apply(draft) {
      if (!draft.isGiven('StageName') || (draft.isGiven('Probability') && draft.get('Probability') !== null)) return
      draft.set('Probability', stageProbabilities[String(draft.get('StageName'))] ?? 0)
    },
  },
  {
    object: 'Case',
    fields: ['Status', 'ClosedDate'],
    apply(draft) {
      if (draft.get('Status') !== 'Closed') draft.set('ClosedDate', null)
      else if (draft.get('ClosedDate') === null) draft.set('ClosedDate', draft.now)
    },
  },
  {
    object: 'Task',
    fields: ['Status', 'WhatId', 'AccountId', 'CompletedDateTime'],
    apply(draft) {
      const related = draft.get('WhatId')
      if (draft.isGiven('WhatId')) draft.set('AccountId', String(related).startsWith('001') ? related : null)
      if (draft.get('Status') !== 'Completed') draft.set('CompletedDateTime', null)
      else if (draft.get('CompletedDateTime') === null) draft.set('CompletedDateTime', draft.now)
    },
  },
  {
    object: 'Attachment',
    fields: ['Body', 'BodyLength'],
    apply(draft) {
      if (!draft.isGiven('Body')) return
      const length = sizeOfBody(String(draft.get('Body')))
      if (length > largestAttachment) {
        throw new RowFault('MAXIMUM_SIZE_OF_ATTACHMENT', 'attachment size exceeds the maximum allowed size', 'Body')
      }
      draft.set('BodyLength', length)
    },
  },
  contentVersionRule,
  {
    object: 'User',
    fields: ['Alias', 'CommunityNickname'],
    apply(draft) {
      if (draft.get('CommunityNickname') === null) draft.set('CommunityNickname', draft.get('Alias'))
    },
  },
]

/** Bytes; object reference, Attachment. */
const largestAttachment = 25 * 1024 * 1024

const stageProbabilities: Readonly<Record<string, number>> = {
  Prospecting: 10,
  Qualification: 10,
  'Needs Analysis': 20,
  'Value Proposition': 50,
  'Id. Decision Makers': 60,
  'Perception Analysis': 70,
  'Proposal/Price Quote': 75,
  'Negotiation/Review': 90,
  'Closed Won': 100,
  'Closed Lost': 0,
}
