/** Octets of a page of memory. */
export const PAGE_OCTETS = 65_536;

/** A shared memory, which modules import; it may be given to another thread. */
export type WebAssemblyMemory = { readonly buffer: SharedArrayBuffer };

/** One that grows where it is. */
export type GrowingMemory = WebAssemblyMemory & { grow(pages: number): number };

/** As much of WebAssembly as is used; the types of Node have none of it. */
type WebAssemblyParts = {
  readonly Memory: new (limits: {
    readonly initial: number;
    readonly maximum: number;
    readonly shared: true;
  }) => GrowingMemory;
  readonly Module: new (octets: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

/** Undefined where Node was told to do without, as by `--jitless`. */
function webAssembly(): WebAssemblyParts | undefined {
  return (globalThis as { readonly WebAssembly?: WebAssemblyParts }).WebAssembly;
}

/**
 * A memory of zeros.
 * @param initial - pages of `PAGE_OCTETS`. @param maximum - pages that it may grow to
 * @returns undefined where there is no WebAssembly, or the system has too little address space for it: it
 *   takes some 10 GiB of that whatever is asked for (less with `ulimit -v`)
 */
export function newWebAssemblyMemory(initial: number, maximum: number): GrowingMemory | undefined {
  const parts = webAssembly();
  if (parts === undefined) return undefined;
  try {
    return new parts.Memory({ initial, maximum, shared: true });
  } catch (error: unknown) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/**
 * What a module exports that imports nothing but a memory.
 * @param module - in base64
 * @returns undefined where there is no WebAssembly, or it lacks what the module needs, as vectors
 */
export function exportsOf(module: string, memory: WebAssemblyMemory): unknown {
  const parts = webAssembly();
  if (parts === undefined) return undefined;
  try {
    const compiled = new parts.Module(Buffer.from(module, "base64"));
    return new parts.Instance(compiled, { "": { memory } }).exports;
  } catch {
    return undefined;
  }
}
