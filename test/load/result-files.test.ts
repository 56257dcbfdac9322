import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { UnfinishedError } from '../../src/errors.ts'
import { openResultFile } from '../../src/load/result-file.ts'
import { PartNotSent, type Transport } from '../../src/load/transport.ts'
import { privateFolder } from '../support/run.ts'
import { echoingService } from './echoing-service.ts'
import { loadInMemory } from './load-in-memory.ts'

const id = 'a00x00000000001AAA'
const byName = echoingOn((name) =>
  name.startsWith('bad') ? 'REQUIRED_FIELD_MISSING:Required fields are missing: [Key__c]:Key__c --' : undefined,
)

function echoingOn(fault: (name: string) => string | undefined, more: { maxRows?: number } = {}) {
  return () =>
    echoingService({
      ...more,
      decide: ({ Name }) => {
        const error = fault(Name!)
        return { verdict: error ? 'rejected' : 'accepted', id: error ? '' : id, created: true, error: error ?? '' }
      },
    })
}

describe('the files of results', () => {
  it('get their name also where another load moves the earlier file away at the same moment', async () => {
    const folder = privateFolder()
    const path = join(folder, 'a.success.csv')
    writeFileSync(path, 'earlier')
    const earlierRun = async () => {
      renameSync(path, join(folder, 'a.success.first.csv'))
      return 'first'
    }
    const tools = { runId: 'second', stdout: process.stdout, earlierRun }
    const file = await openResultFile({ kind: 'default', path }, tools)
    expect(await file.complete(1)).toBe(path)
    expect(readdirSync(folder).sort()).toEqual(['a.success.csv', 'a.success.first.csv'])
    expect(readFileSync(join(folder, 'a.success.first.csv'), 'utf8')).toBe('earlier')
  })

  it.runIf(process.platform === 'linux')(
    'of an input that the shell hands over are named as those of standard input',
    async () => {
      const file = await open(join(tmpdir(), `piped-${randomBytes(6).toString('hex')}.csv`), 'w+')
      try {
        const { account } = await loadInMemory(
          'Name\ngood\n',
          { operation: 'insert', file: `/dev/fd/${file.fd}` },
          byName(),
        )
        expect(account.files.success).toMatch(/\/Thing__c\.insert\.success\.csv$/)
      } finally {
        await file.close()
      }
      const hidden = await loadInMemory('Name\ngood\n', { operation: 'insert', file: '.csv' }, byName())
      expect(hidden.account.files.success).toMatch(/\/\.csv\.success\.csv$/)
    },
  )

  it('hold every column of the input with its own text, in the order of the input', async () => {
    const input = '\ufeffComment;Name;"Note__c"\r\n"kept; as it is";good;"a\r\nb"\r\n;bad;  spaced \r\n"x";"good";\r\n'
    const { successText, errorsText } = await loadInMemory(input, { operation: 'insert' }, byName())
    expect(successText).toBe(
      `\ufeffComment;Name;Note__c;sf__Id;sf__Created\r\n"kept; as it is";good;"a\r\nb";${id};true\r\n"x";"good";;${id};true\r\n`,
    )
    expect(errorsText).toBe(
      '\ufeffComment;Name;Note__c;sf__Line;sf__Id;sf__Error\r\n;bad;  spaced ;4;;"REQUIRED_FIELD_MISSING:Required fields are missing: [Key__c]:Key__c --"\r\n',
    )
  })

  it('take a row that is no good CSV with its line, and the rows behind it go on', async () => {
    const input = 'Name,Note__c\ngood,1\nshort\nlong,2,extra,more\n"open,3\ngood,"4"\n'
    const { success, errors, account } = await loadInMemory(input, { operation: 'insert' }, byName())
    expect(success.map(({ Note__c }) => Note__c)).toEqual(['1', '4'])
    expect(errors.map(({ Name, Note__c, sf__Line }) => [Name, Note__c, sf__Line])).toEqual([
      ['short', '', '3'],
      ['long', '2', '4'],
      ['"open', '3', '5'],
    ])
    expect(errors[0]!.sf__Error).toBe('LOCAL:the row has 1 cell where the header has 2')
    expect(errors[1]!.sf__Error).toBe(
      'LOCAL:the row has 4 cells where the header has 2; beyond the header: extra | more',
    )
    expect(errors[2]!.sf__Error).toMatch(/^LOCAL:a quote is opened and not closed/)
    expect(account.rows).toMatchObject({ read: 5, sent: 2, accepted: 2, rejected: 3 })
    expect(account.exit).toBe('rejected')
  })

  it('keep the cells that stand beyond the header in the reason, whatever is wrong with the row', async () => {
    const input = Buffer.from('Name,Note__c\na,"1,two,three\nb,2,\xe9,four\nc,3,five\n', 'latin1')
    const { errors, account } = await loadInMemory(input, { operation: 'insert', encoding: 'utf-8' }, byName())
    expect(errors.map(({ sf__Error }) => sf__Error!.replace(/^LOCAL:.*; beyond/, 'beyond'))).toEqual([
      'beyond the header: two | three',
      'beyond the header: \ufffd | four',
      'beyond the header: five',
    ])
    expect(account.reasons).toMatchObject([{ count: 1 }, { count: 1 }, { count: 1 }])
  })

  it('count rows with different cells beyond the header as one reason', async () => {
    const { account } = await loadInMemory('Name\na,1x\nb,y\nc,z\n', { operation: 'insert' }, byName())
    expect(account.reasons).toMatchObject([{ count: 3, lines: [2, 3, 4] }])
    const long = await loadInMemory(`Name\na${',xy'.repeat(2000)}\n`, { operation: 'insert' }, byName())
    expect(long.errors[0]!.sf__Error).toContain(`beyond the header: xy${',xy'.repeat(1999)}`)
    expect(long.account.reasons[0]!.text.length).toBeLessThan(300)
  })

  it('take all rows before the damage of an input whose first parts were sent, and the run has failed', async () => {
    const rows = Array.from({ length: 36_000 }, (_, row) => `n${row},${randomBytes(24).toString('hex')}\n`)
    const packed = gzipSync(`Name,Comment\n${rows.join('')}`, { level: 1 })
    for (const [damaged, reason] of [
      [packed.subarray(0, packed.length - 200_000), 'ends in the middle of its gzip data'],
      [Buffer.concat([packed, Buffer.from('rest')]), 'holds something else behind its gzip data'],
    ] as const) {
      const service = echoingOn(() => undefined, { maxRows: 4000 })()
      const { account, success, errors } = await loadInMemory(
        damaged,
        { operation: 'insert', file: 'in.csv.gz' },
        service,
      )
      const read = success.length + errors.length
      expect([...success, ...errors].map(({ Name, Comment }) => `${Name},${Comment}\n`)).toEqual(rows.slice(0, read))
      expect(success.length).toBe(service.jobs.flat().length)
      expect(success.length).toBeGreaterThanOrEqual(12_000)
      expect(account).toMatchObject({ exit: 'failed', rows: { read }, error: { code: 'BAD_GZIP' } })
      expect(account.error?.message).toBe(`in.csv.gz ${reason}; the row of line ${read + 1} is the last that was read`)
      expect(errors[0]!.sf__Error).toBe(`LOCAL:not sent: ${account.error?.message}`)
    }
  })

  it('mark bytes that are no characters', async () => {
    const input = Buffer.concat([
      Buffer.from('Name,Note__c\ngüt,1\ncaf'),
      Buffer.from([0xe9, 0x2c]),
      Buffer.from('2\nzoé,3\n'),
    ])
    const { success, errors } = await loadInMemory(input, { operation: 'insert' }, byName())
    expect(success.map(({ Name }) => Name)).toEqual(['güt', 'zoé'])
    expect(errors[0]).toMatchObject({ Name: 'caf\ufffd', Note__c: '2', sf__Line: '3' })
  })

  it('leave the sf__ columns of an earlier run out, so that an errors file is the next input', async () => {
    const first = await loadInMemory('Name,Comment\nbad,c\n', { operation: 'insert' }, byName())
    const again = await loadInMemory(first.errorsText!, { operation: 'insert' }, byName())
    expect(again.errorsText).toBe(first.errorsText)
  })

  it('keep rows that were never sent, with the reason, when the service cannot be reached half-way', async () => {
    const service = echoingOn(() => undefined, { maxRows: 2 })()
    let sends = 0
    const breaking: Transport = {
      ...service,
      async send(kind, body, signal) {
        if (++sends === 2)
          throw new PartNotSent({ error: new Error('connection refused'), mayHaveArrived: false, id: undefined })
        return service.send(kind, body, signal)
      },
    }
    const { account, errors, success } = await loadInMemory(
      'Name\na\nb\nc\nd\ne\nf\n',
      { operation: 'insert', parallelJobs: 1 },
      breaking,
    )
    expect(success.map(({ Name }) => Name)).toEqual(['a', 'b'])
    expect(errors.map(({ Name, sf__Error }) => [Name, sf__Error])).toEqual(
      ['c', 'd', 'e', 'f'].map((name) => [name, 'LOCAL:not sent: connection refused']),
    )
    expect(account).toMatchObject({ exit: 'failed', rows: { read: 6, accepted: 2, rejected: 4 } })
    expect(sends).toBe(2)
  })

  it('end as they would have when an interruption comes too late to keep anything back', async () => {
    for (const [name, exit] of [
      ['good', 'done'],
      ['bad', 'rejected'],
    ] as const) {
      const abort = new AbortController()
      const service = byName()
      const late: Transport = {
        ...service,
        async *results(...given) {
          abort.abort()
          yield* service.results(...given)
        },
      }
      const { account } = await loadInMemory(`Name\n${name}\n`, { operation: 'insert' }, late, abort.signal)
      expect(account).toMatchObject({ exit, rows: { read: 1, unknown: 0 } })
      expect(account.error).toBeUndefined()
    }
  })

  it('say of rows in a job that was not waited for that they are unknown, and which job it is', async () => {
    const service = echoingOn(() => undefined)()
    const slow: Transport = {
      ...service,
      finish: async () => {
        throw new UnfinishedError('the time given with --wait is over')
      },
    }
    const { account, errors } = await loadInMemory('Name\na\n', { operation: 'insert' }, slow)
    expect(account).toMatchObject({ exit: 'unfinished', jobs: ['750x1'], rows: { read: 1, unknown: 1 } })
    expect(errors[0]!.sf__Error).toMatch(/^UNKNOWN:job 750x1 had not ended/)
  })

  it('call rows unprocessed when the job failed, with the text of the service', async () => {
    const service = echoingService({ decide: () => ({ verdict: 'unprocessed', id: '', created: false, error: '' }) })
    const failing: Transport = {
      ...service,
      finish: async () => ({
        state: 'failed',
        errorMessage: 'InvalidBatch : Field name not found : X',
        accepted: 0,
        rejected: 0,
      }),
    }
    const { account, errors } = await loadInMemory('Name\na\n', { operation: 'insert' }, failing)
    expect(errors[0]!.sf__Error).toBe('UNPROCESSED:InvalidBatch : Field name not found : X')
    expect(account).toMatchObject({ exit: 'failed', rows: { unprocessed: 1 }, error: { code: 'JOB_FAILED' } })
  })

  it('call rows unprocessed of a single job that met a limit of the day, which leaves nothing to resume', async () => {
    const service = echoingService({ decide: () => ({ verdict: 'unprocessed', id: '', created: false, error: '' }) })
    const errorMessage = 'ExceededQuota : ApiBatchItems Limit exceeded'
    const finish: Transport['finish'] = async () => ({ state: 'failed', errorMessage, accepted: 0, rejected: 0 })
    const { account, errors } = await loadInMemory('Name\na\n', { operation: 'insert' }, { ...service, finish })
    expect(errors[0]!.sf__Error).toBe(`UNPROCESSED:${errorMessage}`)
    const hint = expect.stringMatching(
      /^the rows that it left are in the errors file: send that file again\n.*24 hours/,
    )
    expect(account).toMatchObject({ exit: 'failed', rows: { unprocessed: 1 }, error: { code: 'JOB_FAILED', hint } })
  })

  it('tell of locked rows what a second job answered, also where texts come back without the blanks around them', async () => {
    const locked = { verdict: 'rejected', id: '', created: false, error: 'UNABLE_TO_LOCK_ROW:locked:--' } as const
    const ids = ['a00x00000000001AAA', 'a00x00000000002AAA', 'a00x00000000003AAA']
    const sent: string[] = []
    const service = echoingService({
      respell: (_, value) => value.trim(),
      decide: ({ Name }, place) => {
        if (place < 3) return locked
        sent.push(Name!)
        return { ...locked, id: ids[sent.length - 1]!, verdict: 'accepted', created: true }
      },
    })
    const csv = 'Name,Comment\n" a",1\n"a ",2\nb,3\n'
    const { success } = await loadInMemory(csv, { operation: 'insert' }, service)
    expect(success.map(({ Name, sf__Id }) => [Name, sf__Id])).toEqual(
      [' a', 'a ', 'b'].map((name) => [name, ids[sent.indexOf(name)]]),
    )
  })

  it('tell of locked rows what a second job which failed leaves open, and that it failed', async () => {
    const locked = { verdict: 'rejected', id: '', created: false, error: 'UNABLE_TO_LOCK_ROW:locked:--' } as const
    const service = echoingService({
      decide: ({ Name }, place) => {
        if (place < 3) return locked
        return { ...locked, id, verdict: Name === 'a' ? 'unprocessed' : Name === 'b' ? 'none' : 'accepted' }
      },
    })
    const errorMessage = 'InternalServerError : Batch will not be retried'
    const failing: Transport = {
      ...service,
      async finish(sent, signal) {
        const end = await service.finish(sent, signal)
        return sent.id === '750x1' ? end : { ...end, state: 'failed', errorMessage }
      },
    }
    const { account, success, errors } = await loadInMemory('Name\na\nb\nc\n', { operation: 'insert' }, failing)
    expect(success.map(({ Name }) => Name)).toEqual(['c'])
    expect(errors.map(({ Name, sf__Error }) => [Name, sf__Error])).toEqual([
      ['a', locked.error],
      ['b', expect.stringMatching(/^UNKNOWN:job 750x2 took the row once more and gave no answer for it; look/)],
    ])
    const message = `job 750x2 failed: ${errorMessage}`
    expect(account).toMatchObject({ exit: 'failed', error: { code: 'JOB_FAILED', message } })
  })

  it('stop at the first reject with --fail-fast and say of the rest that it was not sent', async () => {
    const service = echoingOn((name) => (name === 'b' ? 'X:y:--' : undefined), { maxRows: 1 })()
    const { account, errors } = await loadInMemory(
      'Name\na\nb\nc\nd\n',
      { operation: 'insert', failFast: true, parallelJobs: 1 },
      service,
    )
    expect(service.jobs.length).toBe(2)
    expect(errors.map(({ sf__Error }) => sf__Error)).toEqual([
      'X:y:--',
      'LOCAL:not sent: a row before it was rejected (--fail-fast)',
      'LOCAL:not sent: a row before it was rejected (--fail-fast)',
    ])
    expect(account.exit).toBe('rejected')
  })

  it('stop with --fail-fast at a row that is rejected before it is sent, too', async () => {
    const service = echoingOn(() => undefined)()
    const { account, success, errors } = await loadInMemory(
      'Name,Amount__c\na,1\nb,2\nc,"x"y\nd,4\ne,"x"y\nf,6\n',
      { operation: 'insert', failFast: true },
      service,
    )
    expect(success.map(({ Name }) => Name)).toEqual(['a', 'b'])
    expect(errors.map(({ Name, sf__Error }) => [Name, sf__Error?.slice(0, 16)])).toEqual([
      ['c', 'LOCAL:a quote is'],
      ['d', 'LOCAL:not sent: '],
      ['e', 'LOCAL:a quote is'],
      ['f', 'LOCAL:not sent: '],
    ])
    expect(service.jobs.length).toBe(1)
    expect(account).toMatchObject({ exit: 'rejected', rows: { read: 6, sent: 2, accepted: 2, rejected: 4 } })
  })

  it('keep an update from sending rows without an Id', async () => {
    const service = echoingOn(() => undefined)()
    const { errors } = await loadInMemory('Id,Name\n,a\n"",b\na00x00000000001AAA,c\n', { operation: 'update' }, service)
    expect(service.jobs.flat().length).toBe(1)
    expect(errors.map(({ sf__Error }) => sf__Error)).toEqual(['LOCAL:Id is empty', 'LOCAL:Id is empty'])
  })
})
