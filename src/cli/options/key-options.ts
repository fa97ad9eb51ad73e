import type { StageOptions } from "../../pipeline/staging/stage-options.ts";

/** What the options say of a flow's key; unset is for the outputs to decide. */
export type KeyOptions = {
  readonly vlanKey?: boolean;
  readonly tunnelKey?: boolean;
};

/**
 * What is part of a flow's key beside addresses, ports and protocol: VLANs and tunnels, but in Zeek
 * nothing, unless an option says so. What is no part of it there is told all the same of a flow's first
 * packet, where neither is.
 * @param zeekRules - whether flows are those of Zeek
 * @see Zeek, IPBasedConnKey and conn_key/fivetuple; `vlan_fivetuple` is what --vlan-key makes of it
 */
export function keyOf(
  { vlanKey, tunnelKey }: KeyOptions,
  zeekRules: boolean,
): Required<Pick<StageOptions, "useVlanKey" | "useTunnelKey" | "tellsSurroundings">> {
  const useVlanKey = vlanKey ?? !zeekRules;
  const useTunnelKey = tunnelKey ?? !zeekRules;
  const tellsSurroundings = zeekRules && !useVlanKey && !useTunnelKey;
  return { useVlanKey, useTunnelKey, tellsSurroundings };
}
