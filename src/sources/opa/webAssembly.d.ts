/** What is used of WebAssembly here: TypeScript declares it for browsers only. */
declare namespace WebAssembly {
  interface Module {
    readonly [isModule]: true;
  }
  const isModule: unique symbol;
  interface Global {
    value: bigint;
  }
  interface Memory {
    readonly buffer: ArrayBuffer;
  }
  interface Instance {
    readonly exports: Readonly<Record<string, unknown>>;
  }
  type WebAssemblyInstantiatedSource = Instance;
  interface MemoryDescriptor {
    readonly initial: number;
    readonly maximum?: number;
  }
  class LinkError extends Error {}
  const compile: (bytes: Uint8Array) => Promise<Module>;
}
