// Within the executable: opens what it carries.
const { getRawAsset } = require('node:sea')
const { mkdtempSync, rmSync, writeFileSync } = require('node:fs')
const { tmpdir } = require('node:os')
const { join } = require('node:path')
const { Script } = require('node:vm')

/** A bundle as V8 compiles it; code that was kept fits only the same text. */
exports.wrapBundle = (source) => `(function (exports, require, module, __filename) {${source}\n})`

/** Runs a bundle, with the code that V8 had made of it before, and returns what it exports. */
exports.openBundle = (name) => {
  const source = Buffer.from(getRawAsset(`${name}.cjs`)).toString('latin1')
  const script = new Script(exports.wrapBundle(source), {
    filename: `${name}.cjs`,
    cachedData: Buffer.from(getRawAsset(`${name}.cache`)),
  })
  const module = { exports: {} }
  script.runInThisContext()(module.exports, require, module, process.execPath)
  return module.exports
}

/**
 * Opens a native addon. An operating system opens files alone, so the addon lies in the temporary folder for that moment,
 * where its owner alone may go. Windows keeps the file as long as the program runs.
 */
exports.openAddon = (name) => {
  const folder = mkdtempSync(join(tmpdir(), 'sfbulk-'))
  const file = join(folder, name)
  const module = { exports: {} }
  try {
    writeFileSync(file, Buffer.from(getRawAsset(name)), { mode: 0o700 })
    process.dlopen(module, file)
  } catch (error) {
    const message = `${file} cannot be opened (${error.message}): set TMPDIR to a folder from which programs may run`
    throw Object.assign(new Error(message), { code: 'ADDON' })
  } finally {
    try {
      rmSync(folder, { recursive: true, force: true })
    } catch {
      // In use, on Windows.
    }
  }
  return module.exports
}
