import { type Command, Option } from "commander";
import type { RegistryOptions } from "../../service/registry.ts";
import { ConfidenceName } from "../../service/tag.ts";

/** Options that say which names a flow may get; the same for every command that tags or looks up. */
export type RegistryOptionValues = {
  /** The user's own port rules. */
  readonly services?: string;
  readonly officialOnly?: boolean;
  /** False for `--no-curated`. */
  readonly curated?: boolean;
  readonly minConfidence?: string;
};

/** Adds them to a command. */
export function addRegistryOptions(command: Command): Command {
  return command
    .optionsGroup("Names:")
    .option("--services <file>", "your own port rules; see README, Port rules")
    .option("--official-only", "no names but official ones and your own; others stay candidates")
    .option("--no-curated", "leave out the list of widely used ports")
    .addOption(
      new Option("--min-confidence <level>", "no names of which portflow is less sure").choices([
        "low",
        "medium",
        "high",
      ]),
    )
    .optionsGroup("");
}

/** Where the registry comes from, as the options say. */
export function registryOptionsOf(values: RegistryOptionValues): RegistryOptions {
  const { services, officialOnly, curated, minConfidence } = values;
  return {
    ...(services === undefined ? {} : { servicesFile: services }),
    officialOnly: officialOnly === true,
    withoutCurated: curated === false,
    leastConfidence: minConfidence === undefined ? 0 : ConfidenceName.indexOf(minConfidence),
  };
}
