import type { CaptureInterface } from "../source.ts";
import { InterfaceDescription, InterfaceStatistics, ObsoletePacket } from "./pcapng-block.ts";
import { type OptionList, readInterfaceCounts, readInterfaceOptions } from "./pcapng-options.ts";
import { PcapngTime } from "./pcapng-time.ts";

/** Interfaces of one file, all sections together; more can only be an attack on the memory. */
const MOST_INTERFACES = 65_536;

const UNKNOWN_DROPS = 0xffff;

/** What a packet needs to know of its interface. */
export type SectionInterface = {
  readonly linkType: number;
  /** 0: unlimited. */
  readonly snapLength: number;
  readonly time: PcapngTime;
  /** Index into the source's `interfaces`, over all sections. */
  readonly globalIndex: number;
};

/** The interfaces of a file, of which those of the present section can be referred to. */
export class PcapngInterfaces {
  /** All interfaces so far, over all sections. */
  readonly all: CaptureInterface[] = [];
  /** Those of the present section; the index is the interface id of its blocks. */
  section: SectionInterface[] = [];

  /** A section header forgets the interfaces before it. */
  beginSection(): void {
    this.section = [];
  }

  /**
   * Reads an Interface Description Block that lies whole in `list.view`.
   * @param block - where it begins
   * @returns what is wrong with it, undefined when nothing
   */
  describe(block: number, list: OptionList): string | undefined {
    if (this.all.length >= MOST_INTERFACES) return `more than ${MOST_INTERFACES} interfaces`;
    const options = readInterfaceOptions(list);
    if (options === undefined) return "an interface description with an option that does not fit";
    const { view, littleEndian } = list;
    const linkType = view.getUint16(block + InterfaceDescription.linkType, littleEndian);
    this.section.push({
      linkType,
      snapLength: view.getUint32(block + InterfaceDescription.snapLength, littleEndian),
      time: new PcapngTime(options.resolution, options.offsetSeconds),
      globalIndex: this.all.length,
    });
    const { name, description, filter, comments } = options;
    this.all.push({
      linkType,
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
      ...(filter === undefined ? {} : { filter }),
      ...(comments.length === 0 ? {} : { comments }),
    });
    return undefined;
  }

  /** Reads an Interface Statistics Block; its counts go from the start of the capture, the latest holds. */
  count(block: number, list: OptionList): void {
    const id = list.view.getUint32(block + InterfaceStatistics.interface, list.littleEndian);
    const found = this.section[id];
    // Statistics of an interface nobody described: tshark goes on too.
    if (found === undefined) return;
    const counts = readInterfaceCounts(list);
    const one = this.all[found.globalIndex]!;
    if (Object.keys(counts).length > 0) one.counts = { ...one.counts, ...counts };
    const { interfaceDropped, osDropped } = counts;
    if (interfaceDropped === undefined && osDropped === undefined) return;
    one.droppedPackets = (interfaceDropped ?? 0) + (osDropped ?? 0);
  }

  /** Adds drops that a packet states: those since the packet before on its interface. */
  addDrops(found: SectionInterface, drops: number): void {
    const one = this.all[found.globalIndex]!;
    one.droppedPackets = (one.droppedPackets ?? 0) + drops;
  }

  /** Adds the drops that an obsolete packet block states. */
  addObsoleteDrops(block: number, view: DataView, littleEndian: boolean): void {
    const drops = view.getUint16(block + ObsoletePacket.drops, littleEndian);
    if (drops === UNKNOWN_DROPS) return;
    this.addDrops(
      this.section[view.getUint16(block + ObsoletePacket.interface, littleEndian)]!,
      drops,
    );
  }
}
