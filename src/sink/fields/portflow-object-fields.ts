import { ALWAYS } from "./field.ts";
import { FIELD_GROUPS, FIELDS } from "./fields.ts";
import type { ForeignField } from "./foreign-field.ts";

const SELECTED =
  /^(id|(src|dst)\.(ip_bytes|payload_bytes)|interface|vlan|tunnel|icmp\..*|spi\..*|direction\..*|service\..*|tcp\..*|fragments|comments|end_reason|flow_end_reason|part|previous_id|more)$/;

/**
 * Fields of the `portflow` object in records of other schemas: the flow record's own.
 * @param prefix - what their paths begin with, such as `portflow.`
 * @param isWanted - by the flow record's path
 */
export function portflowObjectFields(
  prefix: string,
  isWanted: (path: string) => boolean = () => true,
): readonly ForeignField[] {
  return FIELDS.filter(({ path }) => SELECTED.test(path) && isWanted(path)).map((field) => ({
    path: prefix + field.path,
    type: field.type,
    from: field.path,
    present: field.present,
    ...(field.values === undefined ? {} : { values: field.values }),
    ...(field.schema === undefined ? {} : { schema: field.schema }),
  }));
}

/** Objects among them that may be absent, and when they are there. */
export function portflowObjectOptional(prefix: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    FIELD_GROUPS.filter(({ present }) => present !== ALWAYS).map(({ path, present }) => [
      prefix + path,
      present,
    ]),
  );
}
