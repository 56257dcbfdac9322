import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'

interface Import {
  readonly file: string
  /** A path below src/ for our own files, a package's name otherwise. */
  readonly target: string
  readonly typeOnly: boolean
  /** Behind `import()`: loaded when it is needed. */
  readonly lazy: boolean
}

const files = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .sort()
const imports = files.flatMap(readImports)

describe('the parts of the program', () => {
  /** Folder: the folders that it may import, besides itself and the leaves in src/. With `types:`, their types alone. Or a single file. */
  const allowed: Readonly<Record<string, readonly string[]>> = {
    sqlite: [],
    kernel: [],
    help: [],
    csv: ['kernel', 'types:org'],
    org: [],
    connections: ['org', 'sqlite'],
    mapping: ['csv', 'org', 'values'],
    values: ['org/object-description.ts'],
    runs: ['types:load', 'types:csv'],
    load: ['csv', 'kernel', 'mapping', 'runs', 'org', 'values/record-id.ts'],
    bulk: ['kernel', 'org', 'csv', 'load/transport.ts', 'types:load'],
    soap: ['org', 'csv', 'load/transport.ts', 'values/row-error.ts', 'types:load'],
    formats: ['csv'],
    extract: ['org', 'csv', 'bulk', 'soap', 'formats', 'values', 'types:load'],
    undo: ['org', 'csv', 'load', 'extract', 'sqlite', 'values', 'types:mapping'],
    check: ['org', 'csv', 'mapping', 'values', 'sqlite', 'extract', 'load', 'types:soap'],
    sync: [
      'org',
      'csv',
      'sqlite',
      'load',
      'bulk',
      'extract',
      'attach/fetch-body.ts',
      'check/same-value.ts',
      'values/row-error.ts',
      'types:runs',
    ],
    attach: ['org', 'csv', 'mapping', 'load', 'soap', 'extract', 'runs', 'values/row-error.ts'],
    ui: ['org/object-description.ts', 'types:load', 'types:extract', 'types:sync'],
    'local-org': ['csv', 'sqlite', 'values', 'org/object-description.ts', 'types:org'],
    report: ['csv', 'load/account.ts', 'load/same-file.ts', 'ui'],
    completion: ['org', 'connections', 'runs'],
    library: ['program.ts', 'types:commands'],
    commands: [
      'connections',
      'org',
      'csv',
      'mapping',
      'runs',
      'load',
      'bulk',
      'soap',
      'extract',
      'undo',
      'attach',
      'check',
      'ui',
      'local-org',
      'sqlite',
      'sync',
      'completion',
      'report',
      'formats',
    ],
  }

  it('lie in the folders that are known here', () => {
    const folders = new Set(files.map(folderOf).filter((folder) => folder !== ''))
    expect([...folders].filter((folder) => allowed[folder] === undefined)).toEqual([])
  })

  it.each(Object.entries(allowed))('%s imports only what lies below it', (folder, below) => {
    const faults = imports.filter(({ file, target, typeOnly }) => {
      const other = folderOf(target)
      if (folderOf(file) !== folder || !target.endsWith('.ts') || other === folder || isLeaf(target)) return false
      return !below.includes(other) && !below.includes(target) && !(typeOnly && below.includes(`types:${other}`))
    })
    expect(faults).toEqual([])
  })

  it('keep the leaves free of imports from above', () => {
    const faults = imports.filter(({ file, target }) => isLeaf(file) && target.endsWith('.ts') && !isLeaf(target))
    expect(faults).toEqual([])
  })

  it('import each other without a cycle', () => {
    expect(findCycle()).toEqual([])
  })

  it('have no folder for leftovers', () => {
    expect(files.filter((name) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.ts$)/.test(name))).toEqual([])
  })
})

describe('packages', () => {
  /** Package: the folders, or files in src/, that know it. */
  const owners: Readonly<Record<string, readonly string[]>> = {
    commander: ['program.ts', 'command-line.ts'],
    ora: ['ui'],
    jsforce: ['org', 'soap'],
    dotenv: ['connections'],
    '@napi-rs/keyring': ['connections'],
    open: ['commands'],
    'https-proxy-agent': ['org'],
    'csv-parse': ['csv', 'local-org'],
    'csv-stringify': ['csv', 'local-org', 'extract'],
    'p-limit': ['load', 'bulk', 'extract', 'attach'],
    libsql: ['sqlite'],
    hyparquet: ['formats'],
    'hyparquet-writer': ['formats'],
    yaml: ['mapping', 'sync', 'connections'],
    luxon: ['mapping'],
    re2js: ['mapping'],
    'xxhash-wasm': ['load'],
    'sfbulk:kernel': ['kernel'],
    'sfbulk:help': ['main.ts'],
    'fast-xml-parser': ['local-org', 'soap'],
    '@jetstreamapp/soql-parser-js': ['local-org', 'extract'],
  }
  const thirdParty = imports.filter(
    ({ target }) => !target.endsWith('.ts') && !target.endsWith('.json') && !target.startsWith('node:'),
  )

  it('are imported only where they belong', () => {
    const faults = thirdParty.filter(({ file, target }) => {
      const owner = owners[packageOf(target)] ?? []
      return !owner.includes(folderOf(file)) && !owner.includes(file)
    })
    expect(faults).toEqual([])
  })
})

describe('a start of the program', () => {
  it('loads nothing but the parser before the command is known', () => {
    const loaded = new Set(['main.ts', 'command-line.ts'])
    for (const file of loaded) {
      for (const { target, typeOnly, lazy } of imports.filter((each) => each.file === file)) {
        if (!typeOnly && !lazy) loaded.add(target)
      }
    }
    const heavy = [...loaded].filter((target) => /^(org|load|bulk|extract|local-org|mapping|csv)\//.test(target))
    expect(heavy).toEqual([])
    expect([...loaded].filter((target) => !/^node:|\.(ts|json)$/.test(target))).toEqual(['commander'])
  })

  it('ends the process in command-line.ts alone', () => {
    const faults = files.filter(
      (file) => file !== 'command-line.ts' && /process\.exit/.test(readFileSync(join('src', file), 'utf8')),
    )
    expect(faults).toEqual([])
  })
})

function readImports(file: string): Import[] {
  const text = readFileSync(join('src', file), 'utf8')
  const fixed = [...text.matchAll(/^(?:import|export)\s+(type\s+)?([^'";]*?\sfrom\s+)?'([^']+)'/gm)].map(
    ([, type, names, target]) => {
      const each =
        /\{([^}]*)\}/
          .exec(names ?? '')?.[1]
          ?.split(',')
          .filter((name) => name.trim() !== '') ?? []
      const onlyTypes = each.length > 0 && each.every((name) => name.trim().startsWith('type '))
      return { file, target: resolveTarget(file, target ?? ''), typeOnly: type !== undefined || onlyTypes, lazy: false }
    },
  )
  const lazy = [...text.matchAll(/\bimport\(\s*'([^']+)'/g)].map(([, target]) => {
    return { file, target: resolveTarget(file, target ?? ''), typeOnly: false, lazy: true }
  })
  return [...fixed, ...lazy]
}

function resolveTarget(file: string, target: string): string {
  return target.startsWith('.') ? normalize(join(dirname(file), target)) : target
}

function folderOf(file: string): string {
  return file.includes('/') && file.endsWith('.ts') ? (file.split('/')[0] ?? '') : ''
}

function packageOf(target: string): string {
  return target
    .split('/')
    .slice(0, target.startsWith('@') ? 2 : 1)
    .join('/')
}

/** A file in src/ itself that any folder may import: errors, exit codes, operations, small pure functions. */
function isLeaf(file: string): boolean {
  return !file.includes('/') && !['main.ts', 'command-line.ts', 'program.ts'].includes(file)
}

/** A cycle of imports that are made at load time, as the files along it. */
function findCycle(): readonly string[] {
  const next = new Map<string, string[]>()
  for (const { file, target, typeOnly, lazy } of imports) {
    if (!typeOnly && !lazy && target.endsWith('.ts')) next.set(file, [...(next.get(file) ?? []), target])
  }
  const done = new Set<string>()
  const visit = (file: string, path: readonly string[]): readonly string[] => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file]
    if (done.has(file)) return []
    for (const target of next.get(file) ?? []) {
      const cycle = visit(target, [...path, file])
      if (cycle.length > 0) return cycle
    }
    done.add(file)
    return []
  }
  for (const file of next.keys()) {
    const cycle = visit(file, [])
    if (cycle.length > 0) return cycle
  }
  return []
}
