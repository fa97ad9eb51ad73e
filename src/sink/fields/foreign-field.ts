import type { FieldType } from "./field.ts";

/** One leaf of a record in another tool's schema. */
export type ForeignField = {
  /** Names of the objects it lies in and its own, joined by dots. */
  readonly path: string;
  readonly type: FieldType;
  /** Where the value comes from: fields of the flow record, or words. */
  readonly from: string;
  /** `ALWAYS`, or when it is there, given that the object it lies in is. */
  readonly present: string;
  /** Its type in that schema's own words. */
  readonly theirs?: string;
  /** Set where every record has the same value. */
  readonly constant?: string | number | boolean;
  /** The only values it takes, where they are few. */
  readonly values?: readonly (string | number)[];
  /** What JSON Schema should know beyond type and values. */
  readonly schema?: Readonly<Record<string, unknown>>;
  /** Members of the objects in a list. */
  readonly items?: readonly ForeignField[];
};

/** All that can be said of a format in another tool's schema; pages, schemas and tests come from it. */
export type ForeignFormat = {
  /** What `--format` calls it. */
  readonly name: string;
  /** Whose records these are, and which. */
  readonly title: string;
  /** What a reader has to know besides the fields; paragraphs of Markdown. */
  readonly notes: readonly string[];
  readonly fields: readonly ForeignField[];
  /** Objects that may be absent, by path, and when they are there; all others are always there. */
  readonly optional: Readonly<Record<string, string>>;
};
