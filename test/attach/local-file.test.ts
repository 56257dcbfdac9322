import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { base64Length, type FileRules, findFile, readBase64 } from '../../src/attach/local-file.ts'

const rules = { allowOutside: false, limitOf: () => ({ bytes: 100, words: '100 bytes that it may have' }) }

/** `inside/` with files and `outside/secret.txt` beside it. */
async function makeFolders(): Promise<{ readonly root: string; readonly rules: FileRules }> {
  const root = await mkdtemp(join(tmpdir(), 'sfbulk-files-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const folder = join(root, 'inside')
  await mkdir(join(folder, 'sub folder'), { recursive: true })
  await mkdir(join(root, 'outside'))
  await writeFile(join(folder, 'a.txt'), 'hello')
  await writeFile(join(folder, 'sub folder', 'ü 100%.txt'), 'hi')
  await writeFile(join(folder, 'empty.txt'), '')
  await writeFile(join(folder, 'large.txt'), 'x'.repeat(101))
  await writeFile(join(root, 'outside', 'secret.txt'), 'secret')
  return { root, rules: { ...rules, folder } }
}

describe('a file of a manifest', () => {
  it.each(['a.txt', './a.txt', 'sub folder/../a.txt'])('is found by the path %s', async (path) => {
    const { rules } = await makeFolders()
    expect(await findFile(path, rules)).toMatchObject({ path: join(rules.folder, 'a.txt'), size: 5 })
  })

  it('is found by a file: URL, its escapes read', async () => {
    const { rules } = await makeFolders()
    const path = join(rules.folder, 'sub folder', 'ü 100%.txt')
    expect(await findFile(pathToFileURL(path).href, rules)).toEqual({ path, size: 2, changedAt: expect.any(Number) })
    expect(await findFile('sub folder/ü 100%.txt', rules)).toEqual({ path, size: 2, changedAt: expect.any(Number) })
  })

  it.each([
    ['gone.txt', 'does not exist'],
    ['a.txt/b.txt', 'does not exist'],
    ['sub folder', 'is a folder'],
    ['.', 'is a folder'],
    ['empty.txt', 'is empty'],
    ['large.txt', 'has 101 bytes, more than the 100 bytes that it may have'],
    ['../outside/secret.txt', "lies outside of the manifest's folder; --allow-outside sends it all the same"],
    ['http://example.com/a.txt', 'is no path and no file: URL'],
    ['file://host/a.txt', 'is no path and no file: URL'],
    ['a\0.txt', 'is no path and no file: URL'],
    ['x'.repeat(300), 'has a name that is too long'],
  ])('is not sent when it is %j', async (cell, why) => {
    const { rules } = await makeFolders()
    expect(await findFile(cell, rules)).toEqual({ reject: `LOCAL:the file ${cell} ${why}` })
  })

  it('is not sent when a link inside leads outside, unless that is allowed', async () => {
    const { root, rules } = await makeFolders()
    await symlink(join(root, 'outside'), join(rules.folder, 'link'))
    await symlink('loop', join(rules.folder, 'loop'))
    expect(await findFile('link/secret.txt', rules)).toMatchObject({ reject: expect.stringContaining('lies outside') })
    expect(await findFile('link/secret.txt', { ...rules, allowOutside: true })).toMatchObject({ size: 6 })
    expect(await findFile('loop', rules)).toMatchObject({ reject: expect.stringContaining('leads to itself') })
  })

  it('is found in a folder that is reached by a link', async () => {
    const { root, rules } = await makeFolders()
    await symlink(rules.folder, join(root, 'manifests'))
    expect(await findFile('a.txt', { ...rules, folder: join(root, 'manifests') })).toMatchObject({ size: 5 })
  })
})

describe('the base64 of a file', () => {
  it.each([
    1,
    2,
    3,
    768 * 1024 - 1,
    768 * 1024,
    768 * 1024 + 1,
    2_000_000,
  ])('of %i bytes is that of the whole', async (size) => {
    const { rules } = await makeFolders()
    const path = join(rules.folder, 'body')
    const bytes = Buffer.from(Array.from({ length: size }, (_, index) => (index * 7919) >> 3))
    await writeFile(path, bytes)
    const text = await readAll(readBase64({ path, size, changedAt: 0 }))
    expect(text === bytes.toString('base64')).toBe(true)
    expect(text).toHaveLength(base64Length(size))
  })

  it.each([4, 6])('of a file of 5 bytes that was found with %i is an error', async (size) => {
    const { rules } = await makeFolders()
    const path = join(rules.folder, 'a.txt')
    await expect(readAll(readBase64({ path, size, changedAt: 0 }))).rejects.toThrow(
      `${path} changed while it was being read`,
    )
  })

  it('of a file that has gone is an error', async () => {
    await expect(readAll(readBase64({ path: '/nowhere/a.txt', size: 5, changedAt: 0 }))).rejects.toThrow(
      '/nowhere/a.txt does not exist',
    )
  })
})

async function readAll(pieces: AsyncIterable<Buffer>): Promise<string> {
  let text = ''
  for await (const piece of pieces) text += piece.toString('latin1')
  return text
}
