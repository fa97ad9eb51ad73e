import { type ChildProcess, fork } from "node:child_process";
import { createRequire } from "node:module";
import { CaptureError } from "../../core/errors.ts";
import { moduleBeside } from "../../core/module-beside.ts";
import { npmAdvice } from "../../core/npm-advice.ts";
import type { PacketBatch } from "../../core/packet-batch.ts";
import type { CaptureInterface } from "../source.ts";
import { liveFailure } from "./live-failure.ts";
import type { LinkState, LiveCounts, LiveInterface, LiveOptions } from "./live-interface.ts";
import { takeSavefileRows } from "./savefile-rows.ts";

/** Octets that may wait here; then the child's pipe fills, and in the end packets are lost there. */
const MOST_WAITING = 1 << 26;

/** What the child says of itself before packets come. */
export type CapChildMessage =
  | { readonly type: "open"; readonly linkType: number }
  /** npm may leave a package uncompiled, and Node may be another one since. */
  | { readonly type: "uncompiled" }
  | { readonly type: "failed"; readonly text: string };

/** What the child is told. */
export type CapChildOptions = {
  readonly name: string;
  readonly filter: string;
  readonly ringOctets: number;
};

/**
 * Listens to an interface through the npm package cap, in a process of its own, because that package
 * ends its process when the interface goes down. It gives neither the kernel's times nor its drops.
 * @throws CaptureError when cap is not installed or can't listen
 */
export async function openCap(name: string, options: LiveOptions): Promise<LiveInterface> {
  try {
    createRequire(import.meta.url).resolve("cap");
  } catch (error: unknown) {
    throw new CaptureError(
      "PF_NO_CAP",
      name,
      0,
      `${name}: needs the package cap, which is not installed here; apt-get install libpcap-dev && ${npmAdvice("install", "cap")}`,
      error,
    );
  }
  if (options.direction !== "both") {
    const text = "--direction: the package cap can't tell directions; use another --backend";
    throw new CaptureError("PF_CAP_DIRECTION", name, 0, `${name}: ${text}`);
  }
  const child = fork(moduleBeside("cap-child", import.meta.url), {
    stdio: ["ignore", "pipe", "ignore", "ipc"],
    // Ctrl-C is for the parent, which says when it has had enough.
    detached: true,
  });
  const message = await new Promise<CapChildMessage>((resolve) => {
    child.once("message", (first) => resolve(first as CapChildMessage));
    child.once("exit", () => resolve({ type: "failed", text: "its process ended" }));
    const { filter = "", ringOctets } = options;
    child.send({ name, filter, ringOctets } satisfies CapChildOptions);
  });
  if (message.type === "open") return new CapInterface(name, child, message.linkType);
  child.kill();
  if (message.type === "uncompiled") {
    const text = `the package cap is not compiled for Node ${process.versions.node}; ${npmAdvice("rebuild", "cap")}`;
    throw new CaptureError("PF_NO_CAP", name, 0, `${name}: ${text}`);
  }
  const denied = /not permitted|permission/i.test(message.text);
  const missing = /no such device/i.test(message.text);
  const code = denied ? "EPERM" : missing ? "ENODEV" : "cap";
  throw liveFailure(name, { code, text: message.text }, "the package cap can't listen");
}

class CapInterface implements LiveInterface {
  readonly name: string;
  readonly interfaces: readonly CaptureInterface[];
  taken = 0;
  octets = 0;
  linkState: LinkState = "up";
  trouble: string | undefined;

  readonly #child: ChildProcess;
  readonly #linkType: number;
  readonly #chunks: Buffer[] = [];
  #waiting = 0;
  #current: Uint8Array = new Uint8Array(0);
  #next = 0;
  #onReady: (() => void) | undefined;
  #isEnding = false;
  #hasEnded = false;

  constructor(name: string, child: ChildProcess, linkType: number) {
    this.name = name;
    this.#child = child;
    this.#linkType = linkType;
    this.interfaces = [{ linkType, name }];
    child.stdout!.on("data", (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#waiting += chunk.length;
      if (this.#waiting > MOST_WAITING) child.stdout!.pause();
      this.#ready();
    });
    child.stdout!.on("end", () => this.#noteEnd());
  }

  listen(onReady: () => void): void {
    this.#onReady = onReady;
    if (this.#chunks.length > 0) setImmediate(() => this.#ready());
  }

  take(batch: PacketBatch): void {
    this.#gather();
    const { length } = this.#current;
    this.#next = takeSavefileRows(this.#current, this.#next, length, this.#linkType, false, batch);
    for (let i = 0; i < batch.count; i += 1) this.octets += batch.wireLength[i]!;
    this.taken += batch.count;
  }

  counts(): LiveCounts {
    return { received: undefined, dropped: undefined, interfaceDropped: undefined };
  }

  seal(): void {
    this.#isEnding = true;
    this.#child.kill("SIGTERM");
  }

  get isDrained(): boolean {
    return this.#hasEnded && this.#chunks.length === 0;
  }

  close(): void {
    this.#isEnding = true;
    this.#child.kill("SIGTERM");
    this.#child.stdout!.destroy();
  }

  /** What came goes behind the part of a packet that was left of what came before. */
  #gather(): void {
    if (this.#chunks.length === 0 && this.#next === 0) return;
    const rest = this.#current.subarray(this.#next);
    this.#current = this.#chunks.length === 0 ? rest : Buffer.concat([rest, ...this.#chunks]);
    this.#next = 0;
    this.#chunks.length = 0;
    this.#waiting = 0;
    this.#child.stdout!.resume();
  }

  #noteEnd(): void {
    this.#hasEnded = true;
    if (!this.#isEnding) {
      this.linkState = "gone";
      this.trouble = "the package cap ended its process, as it does when an interface goes down";
    }
    this.#ready();
  }

  #ready(): void {
    const onReady = this.#onReady;
    this.#onReady = undefined;
    onReady?.();
  }
}
