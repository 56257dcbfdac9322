import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'

/** Kinds of CSV that are hard on different parts of a scanner. */
export const kinds = {
  mixed: 'a few cells quoted, with commas, doubled quotes, line ends and non-ASCII letters',
  plain: 'no quotes',
  wide: '80 columns, most of them empty',
  quoted: 'every cell quoted, as Salesforce answers',
} as const

export type Kind = keyof typeof kinds

/** Writes a file of about so many bytes, the same each time. */
export async function writeBenchFile(path: string, kind: Kind, bytes: number): Promise<void> {
  const next = makeRandom(20_261_121)
  const file = createWriteStream(path)
  const columns = kind === 'wide' ? 80 : 12
  let written = 0
  let text = `${Array.from({ length: columns }, (_, index) => `Column_${index}__c`).join(',')}\n`
  while (written < bytes) {
    for (let row = 0; row < 1000; row++) text += `${makeRow(kind, columns, next)}\n`
    const block = Buffer.from(text)
    written += block.length
    if (!file.write(block)) await once(file, 'drain')
    text = ''
  }
  file.end()
  await finished(file)
}

const words = [
  'Acme',
  'Müller & Söhne',
  'Vienna',
  '1010',
  '+43 1 2345678',
  'true',
  '2026-11-21',
  'Straße 12/3/4',
  'Łódź Wholesale',
  '',
]

function makeRow(kind: Kind, columns: number, next: () => number): string {
  const cells: string[] = []
  for (let column = 0; column < columns; column++) {
    if (kind === 'wide' && next() % 9 !== 0) {
      cells.push('')
      continue
    }
    const word = `${words[next() % words.length]}${column % 3 === 0 ? next() : ''}`
    if (kind === 'quoted') cells.push(`"${word}"`)
    else if (kind === 'mixed' && next() % 20 === 0)
      cells.push(`"${word}, ""${next()}""\nsecond line, with some more text"`)
    else cells.push(word)
  }
  return cells.join(',')
}

/** Numbers below 2^31 that look random and are the same in every run. */
function makeRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >>> 8) % 100_003
  }
}
