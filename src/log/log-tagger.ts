import type { ByteWriter } from "../core/byte-writer.ts";
import { classify } from "../service/classify.ts";
import { parseNetwork } from "../service/network.ts";
import type { Registry } from "../service/registry.ts";
import { entryByNumber, type ServiceEntry } from "../service/service-entry.ts";
import { Evidence, newTag, newTagInput, type Tag, type TagInput } from "../service/tag.ts";
import { ServiceText } from "../sink/members/service-text.ts";
import type { FlowRecord } from "../sink/sink.ts";

const DOT = 46;
const COLON = 58;
const LETTER_F = 102;
const ALL_ONES = Buffer.from("255.255.255.255");

/** Words of logs for the protocols that have ports, and their numbers. */
const PROTOCOLS: readonly { readonly word: Uint8Array; readonly protocol: number }[] = [
  { word: Buffer.from("tcp"), protocol: 6 },
  { word: Buffer.from("udp"), protocol: 17 },
  { word: Buffer.from("sctp"), protocol: 132 },
  { word: Buffer.from("dccp"), protocol: 33 },
  { word: Buffer.from("udplite"), protocol: 136 },
];

/**
 * Tags the flows of a log: what a line says is put into `input`, `classify` makes `tag` of it. One
 * instance is reused for line after line.
 */
export class LogTagger {
  readonly input: TagInput = newTagInput();
  readonly tag: Tag = newTag();
  /** Texts of the tag. */
  entry: ServiceEntry | undefined;
  /** Whether flows are tagged by their addresses, too. */
  readonly needsAddresses: boolean;
  private readonly registry: Registry;
  private readonly texts = new ServiceText();

  constructor(registry: Registry) {
    this.registry = registry;
    this.needsAddresses = registry.serverRules.length > 0;
  }

  /** Forgets the line before. */
  begin(protocol: number): void {
    const { input } = this;
    input.protocol = protocol;
    input.hasPorts = 0;
    input.sourcePort = 0;
    input.destinationPort = 0;
    input.evidence = Evidence.None;
    input.simultaneousOpen = 0;
    input.firstSender = 1;
    input.isUdpLike = protocol === 17 || protocol === 136 ? 1 : 0;
    input.destinationMulticast = 0;
    input.destinationBroadcast = 0;
  }

  /** Sets the ports, each -1 where the log has none. */
  setPorts(source: number, destination: number): void {
    if (source < 0 || destination < 0) return;
    this.input.hasPorts = 1;
    this.input.sourcePort = source;
    this.input.destinationPort = destination;
  }

  /** Sets the addresses, where rules for some servers only make them matter. @returns false when one is none */
  setAddresses(source: string, destination: string): boolean {
    const from = parseNetwork(source);
    const to = parseNetwork(destination);
    if (from === undefined || to === undefined) return false;
    const { input } = this;
    input.ipVersion = from.ipVersion;
    input.source0 = from.word0;
    input.source1 = from.word1;
    input.source2 = from.word2;
    input.source3 = from.word3;
    input.destination0 = to.word0;
    input.destination1 = to.word1;
    input.destination2 = to.word2;
    input.destination3 = to.word3;
    return true;
  }

  /** Sees from the destination's address whether packets to it go to many; only 255.255.255.255 can be told to be a broadcast. */
  markDestination(bytes: Uint8Array, from: number, to: number): void {
    if (isIpv4Multicast(bytes, from, to) || isIpv6Multicast(bytes, from, to)) {
      this.input.destinationMulticast = 1;
    } else if (isWord(bytes, from, to, ALL_ONES)) this.input.destinationBroadcast = 1;
  }

  /** Tags what `input` says. */
  classify(): void {
    classify(this.registry, this.input, this.tag);
    this.entry = this.tag.entry < 0 ? undefined : entryByNumber(this.registry, this.tag.entry);
  }

  /** Writes `"service":{...}` as portflow's own records have it. */
  writeService(out: ByteWriter): void {
    // Of a record its writer looks at these two only.
    const { tag, entry } = this;
    this.texts.write({ tag, entry } as FlowRecord, out);
  }
}

/** Number of the protocol that a log's word means, in either case; 0 for those without ports. */
export function protocolOf(bytes: Uint8Array, from: number, to: number): number {
  for (let i = 0; i < PROTOCOLS.length; i += 1) {
    if (isWord(bytes, from, to, PROTOCOLS[i]!.word)) return PROTOCOLS[i]!.protocol;
  }
  return 0;
}

/** Whether these octets are a word, letters in either case. */
function isWord(bytes: Uint8Array, from: number, to: number, word: Uint8Array): boolean {
  if (to - from !== word.length) return false;
  for (let i = 0; i < word.length; i += 1) {
    const octet = bytes[from + i]!;
    if (octet !== word[i] && (octet | 32) !== word[i]) return false;
  }
  return true;
}

/** 224.0.0.0/4, RFC 5771. */
function isIpv4Multicast(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < 9 || bytes[from + 3] !== DOT || bytes[from] !== 50) return false;
  const tens = bytes[from + 1]! - 48;
  const first = 200 + tens * 10 + bytes[from + 2]! - 48;
  return first >= 224 && first <= 239;
}

/** ff00::/8, RFC 4291 section 2.7: a first group of four digits, the first two f. */
function isIpv6Multicast(bytes: Uint8Array, from: number, to: number): boolean {
  if (to - from < 6 || bytes[from + 4] !== COLON) return false;
  return (bytes[from]! | 32) === LETTER_F && (bytes[from + 1]! | 32) === LETTER_F;
}
