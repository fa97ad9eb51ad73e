import type { ByteWriter } from "../../core/byte-writer.ts";
import type { FlowRecord, SinkOptions } from "../sink.ts";

/** JSON types of fields; a list is an array whose items `schema.items` describes. */
export type FieldType = "string" | "integer" | "number" | "boolean" | "list";

/** `Field.present` of what no record lacks. */
export const ALWAYS = "always";

/** One leaf of the flow record: what documents it, and what writes it flat. */
export type Field = {
  /** Names of the objects it lies in and its own, joined by dots: `src.packets`. */
  readonly path: string;
  readonly type: FieldType;
  /** Unit of a number, notation of a text; absent where the meaning says it all. */
  readonly unit?: string;
  /** One sentence without its full stop. */
  readonly meaning: string;
  /** The only values it takes, where they are few. */
  readonly values?: readonly (string | number)[];
  /** `ALWAYS`, or when it is there, given that the object it lies in is. */
  readonly present: string;
  /** Set where every record has the same text; tables leave such a column out. */
  readonly constant?: string;
  /** The text comes from a rules file, a registry or the capture: any character may be in it. */
  readonly isFreeText?: true;
  /** What JSON Schema should know beyond type and values. */
  readonly schema?: Readonly<Record<string, unknown>>;
  /** Writes the value as flat text, without any format's quoting; nothing when it is absent. */
  write(record: FlowRecord, out: ByteWriter, options: SinkOptions): void;
};

/** An object of the flow record that holds fields. */
export type FieldGroup = {
  readonly path: string;
  /** One sentence without its full stop. */
  readonly meaning: string;
  /** `ALWAYS`, or when it is there. */
  readonly present: string;
};

/** JSON Schema keywords of a count. */
export const COUNT: Readonly<Record<string, unknown>> = { minimum: 0 };
/** JSON Schema keywords of a port number. */
export const PORT: Readonly<Record<string, unknown>> = { minimum: 0, maximum: 65535 };
/** JSON Schema keywords of an address. */
export const ADDRESS: Readonly<Record<string, unknown>> = {
  anyOf: [{ format: "ipv4" }, { format: "ipv6" }],
};
