import type { FlowContext, FlowContexts } from "./context-table.ts";

/**
 * Contexts whose numbers are given in another thread. It learns what a number means before packets
 * with it arrive, and reports numbers that no flow uses any more.
 */
export class ContextMirror implements FlowContexts {
  private readonly contexts: (FlowContext | undefined)[] = [];
  private readonly uses: number[] = [];
  private unused: number[] = [];
  /** Contexts that flows use. */
  count = 0;

  /** Says what a number means from now on. */
  define(number: number, words: Int32Array): void {
    this.contexts[number] = { words };
    this.uses[number] ??= 0;
  }

  get(number: number): FlowContext | undefined {
    return this.contexts[Math.abs(number)];
  }

  acquire(signed: number): void {
    const number = Math.abs(signed);
    if (this.uses[number] === 0) this.count += 1;
    this.uses[number]! += 1;
  }

  release(signed: number): void {
    const number = Math.abs(signed);
    this.uses[number]! -= 1;
    if (this.uses[number]! > 0) return;
    this.count -= 1;
    this.unused.push(number);
  }

  /** Numbers that came out of use since the last call, and still are. */
  takeUnused(): number[] {
    const list = this.unused.filter((number) => this.uses[number] === 0);
    this.unused = [];
    return list;
  }
}
