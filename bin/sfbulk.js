#!/usr/bin/env node
const { main } = require('../dist/main.cjs')

// Until the program has said how it ended: one that comes to no end at all must not pass for a success.
process.exitCode = 1
main(process.argv.slice(2)).then((code) => {
  process.exitCode = code
})
