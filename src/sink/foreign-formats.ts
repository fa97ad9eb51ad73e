import { EVE_FORMAT, EVE_NETFLOW_FORMAT } from "./eve/eve-fields.ts";
import type { ForeignFormat } from "./fields/foreign-field.ts";
import { CIM_FORMAT } from "./siem/cim-fields.ts";
import { ECS_FORMAT } from "./siem/ecs-fields.ts";
import { OCSF_FORMAT } from "./siem/ocsf-fields.ts";

/** Every format in another tool's schema whose fields are described. */
export const FOREIGN_FORMATS: readonly ForeignFormat[] = [
  EVE_FORMAT,
  EVE_NETFLOW_FORMAT,
  ECS_FORMAT,
  OCSF_FORMAT,
  CIM_FORMAT,
];
