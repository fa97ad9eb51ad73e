declare module "pcap-parser" {
  import type { EventEmitter } from "node:events";

  /** Reads a capture and emits "packet" events of type `Packet`, then "end". */
  export function parse(source: string | NodeJS.ReadableStream): EventEmitter;

  export type Packet = {
    readonly header: {
      readonly timestampSeconds: number;
      readonly timestampMicroseconds: number;
      readonly capturedLength: number;
      readonly originalLength: number;
    };
    readonly data: Buffer;
  };
}
