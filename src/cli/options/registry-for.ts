import { loadRegistry, type Registry } from "../../service/registry.ts";
import { type RegistryOptionValues, registryOptionsOf } from "./registry-options.ts";

/**
 * The registry that the options ask for.
 * @throws UsageError when the rules file can't be read or a line of it is wrong
 */
export function registryFor(values: RegistryOptionValues): Registry {
  return loadRegistry(registryOptionsOf(values));
}
