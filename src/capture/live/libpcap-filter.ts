import { UsageError } from "../../core/errors.ts";
import { INSTRUCTION_OCTETS } from "./bpf-program.ts";
import { dltOfLinkType } from "./link-type-dlt.ts";
import { type Koffi, loadKoffi, loadLibpcap, type NativeLibrary } from "./native-library.ts";

const NETMASK_UNKNOWN = 0xffff_ffff;
const ERROR_OCTETS = 256;
const SMALL_BUFFER = 1 << 19;

/**
 * Compiles a filter for captured packets of a link type.
 * @param expression - in the language of pcap-filter(7)
 * @returns instructions, see bpf-program.ts; the octets kept of a packet are `snaplen` or 0
 * @throws UsageError when it is no filter, or none for this link type; CaptureError without libpcap
 */
export function compileForLinkType(
  expression: string,
  linkType: number,
  snaplen: number,
): Uint8Array {
  const pcap = loadLibpcap("--filter");
  const handle = pcap.func("void *pcap_open_dead(int link, int snaplen)")(
    dltOfLinkType(linkType),
    snaplen,
  ) as bigint;
  try {
    return compile(loadKoffi("--filter"), pcap, handle, expression);
  } finally {
    closeHandle(pcap, handle);
  }
}

/**
 * Compiles a filter for what a device's packet socket shows: the kernel takes the outer VLAN tag off
 * before filters see the packet, which only a filter made for a live device takes into account.
 * @param device - where it will run
 * @returns undefined when libpcap can't open the device
 * @throws UsageError when it is no filter for this device; CaptureError without libpcap
 */
export function compileForDevice(
  expression: string,
  device: string,
  snaplen: number,
): Uint8Array | undefined {
  const pcap = loadLibpcap("--filter");
  const handle = pcap.func("void *pcap_create(const char *device, void *error)")(
    device,
    new Uint8Array(ERROR_OCTETS),
  ) as bigint | null;
  if (handle === null) return undefined;
  try {
    pcap.func("int pcap_set_snaplen(void *handle, int snaplen)")(handle, snaplen);
    pcap.func("int pcap_set_buffer_size(void *handle, int octets)")(handle, SMALL_BUFFER);
    if (pcap.func("int pcap_activate(void *handle)")(handle) < 0) return undefined;
    return compile(loadKoffi("--filter"), pcap, handle, expression);
  } finally {
    closeHandle(pcap, handle);
  }
}

function compile(
  koffi: Koffi,
  pcap: NativeLibrary,
  handle: bigint,
  expression: string,
): Uint8Array {
  // struct bpf_program: u32 instructions | padding | pointer to them
  const program = new Uint8Array(16);
  const compiled = pcap.func(
    "int pcap_compile(void *handle, void *program, const char *text, int optimize, uint32_t netmask)",
  )(handle, program, expression, 1, NETMASK_UNKNOWN) as number;
  if (compiled !== 0) {
    const why = pcap.func("const char *pcap_geterr(void *handle)")(handle) as string;
    throw new UsageError("PF_FILTER", `--filter "${expression}": ${why}; see man pcap-filter`);
  }
  const count = new Uint32Array(program.buffer)[0]!;
  const address = new BigUint64Array(program.buffer)[1]!;
  // Copied before libpcap frees it.
  const octets = new Uint8Array(koffi.view(address, count * INSTRUCTION_OCTETS)).slice();
  pcap.func("void pcap_freecode(void *program)")(program);
  return octets;
}

function closeHandle(pcap: NativeLibrary, handle: bigint): void {
  pcap.func("void pcap_close(void *handle)")(handle);
}
