import { CIM_FORMAT } from "./cim-fields.ts";
import { ECS_FORMAT } from "./ecs-fields.ts";
import { EVE_FORMAT, EVE_NETFLOW_FORMAT } from "./eve-fields.ts";
import type { ForeignFormat } from "./foreign-field.ts";
import { OCSF_FORMAT } from "./ocsf-fields.ts";

/** Every format in another tool's schema whose fields are described. */
export const FOREIGN_FORMATS: readonly ForeignFormat[] = [
  EVE_FORMAT,
  EVE_NETFLOW_FORMAT,
  ECS_FORMAT,
  OCSF_FORMAT,
  CIM_FORMAT,
];
