/** Which of a tunnelled packet's flows counts it. */
export type TunnelPolicy = "inner" | "outer" | "both";

/** Whether later IP fragments go to the flow of their first, or to one without ports. */
export type FragmentPolicy = "join" | "apart";

/** How packets are staged. */
export type StageOptions = {
  readonly useVlanKey: boolean;
  /** Whether the tunnels around a packet are part of its flow's key, as its VLANs are; true unless given. */
  readonly useTunnelKey?: boolean;
  /**
   * Whether VLANs and tunnels are kept of a flow's first packet though neither is part of the key;
   * false unless given.
   */
  readonly tellsSurroundings?: boolean;
  readonly tunnels: TunnelPolicy;
  /** `join` when left out. */
  readonly fragments?: FragmentPolicy;
  /** Whether checksums are verified. */
  readonly checksums: boolean;
  /** Whether comments on packets are kept with their flows. */
  readonly comments?: boolean;
  /**
   * Whether packets are taken as Zeek takes them, where that differs; false unless given. TCP payload that
   * the snaplen cut then counts as missed, and what lies in a tunnel's fragments counts when all of them
   * are there.
   */
  readonly zeekRules?: boolean;
  /** Whether each security parameter index of ESP has a flow of its own, as in Suricata; false unless given. */
  readonly spiKey?: boolean;
  /** Only packets that match, in the language of pcap-filter(7); the others are counted as filtered. */
  readonly filter?: string;
};

/** Whether a packet's VLANs are noted: they tell flows apart, or are told of them. */
export function notesVlans(options: StageOptions): boolean {
  return options.useVlanKey || options.tellsSurroundings === true;
}

/** Whether its tunnels are. */
export function notesTunnels(options: StageOptions): boolean {
  return options.useTunnelKey !== false || options.tellsSurroundings === true;
}
