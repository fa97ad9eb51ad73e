/** Version of ECS that records state unless another one is asked for; the fields used are the same since 8.0. */
export const ECS_VERSION = "8.17.0";

/** Versions of OCSF that records can be written for, oldest first. */
export const OCSF_VERSIONS: readonly string[] = [
  "1.1.0",
  "1.2.0",
  "1.3.0",
  "1.4.0",
  "1.5.0",
  "1.6.0",
  "1.7.0",
  "1.8.0",
];

/** The one that records are written for unless another one is asked for. */
export const OCSF_VERSION = "1.8.0";
