import { type Command, InvalidArgumentError, Option } from "commander";
import { ECS_VERSION, OCSF_VERSION, OCSF_VERSIONS } from "../../sink/siem/format-versions.ts";

/** What commander makes of the options about single formats. */
export type FormatOptions = {
  readonly ecsVersion: string;
  readonly ocsfVersion: string;
};

/** Adds the options about single formats. */
export function addFormatOptions(command: Command): Command {
  return command
    .optionsGroup("Output:")
    .option(
      "--ecs-version <version>",
      "version that ecs records state",
      parseEcsVersion,
      ECS_VERSION,
    )
    .addOption(
      new Option("--ocsf-version <version>", "version that ocsf records are made for")
        .choices([...OCSF_VERSIONS])
        .default(OCSF_VERSION),
    )
    .optionsGroup("");
}

/** Three numbers, of major version 8 or 9. */
function parseEcsVersion(text: string): string {
  if (!/^[89]\.\d{1,3}\.\d{1,3}$/.test(text)) {
    throw new InvalidArgumentError("not a version of ECS; write 8.17.0 or 9.4.0");
  }
  return text;
}
