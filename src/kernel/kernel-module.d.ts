/** Made of assembly/ by scripts/kernel.js, whenever the sources are bundled or run. */
declare module 'sfbulk:kernel' {
  export const kernel: Uint8Array
}

/** As far as it is used: the type definitions of Node 20 do not have it. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array)
  }
  class Instance<Exports> {
    constructor(module: Module)
    readonly exports: Exports
  }
  class Memory {
    readonly buffer: ArrayBuffer
    /** In pages of 64 KiB. */
    grow(pages: number): number
  }
  interface Global {
    readonly value: number
  }
}
