/** As much of WebAssembly as is used; the types of Node have none of it. */
declare const WebAssembly: {
  readonly Module: new (octets: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

/**
 * What a module exports that imports nothing but a memory.
 * @param module - in base64
 * @returns undefined where there is no WebAssembly, or it lacks what the module needs, as vectors
 */
export function exportsOf(module: string, memory: object): unknown {
  try {
    const compiled = new WebAssembly.Module(Buffer.from(module, "base64"));
    return new WebAssembly.Instance(compiled, { "": { memory } }).exports;
  } catch {
    return undefined;
  }
}
