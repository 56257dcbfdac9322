import { ambiguousWords, missingWords } from './lookup-source.ts'
import { transforms } from './transforms/table.ts'
import type { Schema } from './transforms/transform.ts'

const name = { type: ['string', 'number'], description: 'a column of the input' }
const names = { type: 'array', items: name, minItems: 1 }
const text = { type: ['string', 'number', 'boolean'] }

/**
 * The JSON Schema of a mapping file, made of the table of transforms that the reader knows. Editors that are told of it complete and
 * check a file while it is written.
 */
export function renderMappingSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Mapping of CSV columns to the fields of a Salesforce object, for sfbulk',
    type: 'object',
    properties: {
      $schema: { type: 'string' },
      object: { type: 'string', description: 'API name of the object; checked when given' },
      fields: {
        type: 'object',
        description: 'API name of a field, or Relationship.ExternalId__c, and where its value comes from',
        additionalProperties: { oneOf: [name, constantEntry(), columnEntry(), lookupEntry()] },
      },
      ignore: {
        description: 'columns that are left out on purpose',
        oneOf: [{ type: 'array', items: name }, { type: 'null' }],
      },
    },
    required: ['fields'],
    additionalProperties: false,
    definitions: { steps: steps() },
  }
}

function constantEntry(): Schema {
  return {
    type: 'object',
    properties: { value: { ...text, description: 'the same for every row; ${NAME} is taken from the environment' } },
    required: ['value'],
    additionalProperties: false,
  }
}

function columnEntry(): Schema {
  const keys = transforms.filter(({ isKey }) => isKey)
  const reading = Object.fromEntries(
    keys.map(({ name: key, about, schema }) => [key, { ...schema, description: about }]),
  )
  const companions = keys.flatMap(({ companions: known }) => Object.entries(known ?? {}))
  return {
    type: 'object',
    properties: {
      column: name,
      columns: { ...names, description: 'several columns, joined; empty cells are passed over' },
      separator: { ...text, description: 'between the cells of several columns; default: a space' },
      ...common(),
      ...reading,
      ...Object.fromEntries(companions),
    },
    oneOf: [{ required: ['column'] }, { required: ['columns'] }],
    additionalProperties: false,
  }
}

function lookupEntry(): Schema {
  return {
    type: 'object',
    properties: {
      lookup: {
        description: 'a CSV such as the success file of an earlier run, or a query',
        oneOf: [
          { type: 'string', minLength: 1 },
          {
            type: 'object',
            properties: { query: { type: 'string' } },
            required: ['query'],
            additionalProperties: false,
          },
        ],
      },
      match: { ...names, minItems: 2, maxItems: 2, description: '[column of the input, column of the lookup]' },
      take: { ...name, description: 'column of the lookup whose text is sent' },
      missing: { enum: missingWords, description: 'a value that the lookup does not have; default: reject' },
      ambiguous: { enum: ambiguousWords, description: 'several rows that differ; default: reject' },
      ...common(),
    },
    required: ['lookup', 'match', 'take'],
    additionalProperties: false,
  }
}

function common(): Schema {
  return {
    default: { ...text, description: 'sent where the value comes out empty' },
    transform: { $ref: '#/definitions/steps' },
  }
}

/** One step or a list of them: a word, or a map of one name to its options. */
function steps(): Schema {
  const words = { enum: transforms.filter(({ bare }) => bare).map((each) => each.name) }
  const maps = transforms.flatMap(({ name: key, about, schema, companions = {} }) =>
    schema === undefined
      ? []
      : [
          {
            type: 'object',
            properties: { [key]: { ...schema, description: about }, ...companions },
            required: [key],
            additionalProperties: false,
          },
        ],
  )
  const step = { oneOf: [words, ...maps] }
  return { oneOf: [...step.oneOf, { type: 'array', items: step }] }
}
