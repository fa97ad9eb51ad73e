import { UsageError } from "../../core/errors.ts";
import { loadLibc } from "./libc.ts";
import { linkTypeOfDlt } from "./link-type-dlt.ts";
import { liveFailure } from "./live-failure.ts";
import { ANY_INTERFACE, type LiveOptions } from "./live-interface.ts";
import { type Koffi, loadLibpcap, type NativeLibrary } from "./native-library.ts";

const ERROR_OCTETS = 256;
const WAIT_MILLISECONDS = 64;
const NANOSECOND_PRECISION = 1;
const DIRECTIONS = { both: 0, in: 1, out: 2 } as const;
/** PCAP_ERROR_* by number: what happened, in the words that live-failure.ts knows. */
const FAILURES: ReadonlyMap<number, string> = new Map([
  [-5, "ENODEV"],
  [-8, "EPERM"],
  [-9, "ENETDOWN"],
  [-11, "EPERM"],
]);
const NO_SUCH_DEVICE = "ENODEV";
const NETMASK_UNKNOWN = 0xffff_ffff;
/** struct pcap_stat has three words, on Windows more. */
const STATS_WORDS = 8;

/** An activated capture handle of libpcap and where it puts packets. */
export type LibpcapHandle = {
  readonly linkType: number;
  /** Whether time stamps are in nanoseconds, else in microseconds. */
  readonly hasNanoseconds: boolean;
  /** Readable when packets wait. */
  readonly descriptor: number;
  /**
   * Has libpcap write packets that wait into memory, each after a header of 16 octets: seconds, fraction,
   * captured length, wire length, in this machine's byte order.
   * @param most - packets
   * @returns packets, negative when the handle is of no more use
   */
  dispatch(most: number): number;
  /** What `dispatch` wrote: an array of ours, overwritten by the next call. */
  readonly octets: Uint8Array;
  readonly length: number;
  /** Received (dropped ones included), dropped, dropped by the device; 32 bits each, they wrap. */
  counts(): Uint32Array;
  errorText(): string;
  close(): void;
};

/**
 * Opens a device through libpcap.
 * @throws CaptureError when it can't be listened to, UsageError when the filter is none for it
 */
export function openLibpcapHandle(name: string, options: LiveOptions): LibpcapHandle {
  const pcap = loadLibpcap(name);
  const { koffi } = loadLibc(name);
  const errorBuffer = new Uint8Array(ERROR_OCTETS);
  const handle = pcap.func("void *pcap_create(const char *device, void *error)")(
    name,
    errorBuffer,
  ) as bigint | null;
  if (handle === null) throw liveFailure(name, { code: "ENODEV", text: "" }, "");
  const set = (what: string, value: number): void => {
    pcap.func(`int pcap_set_${what}(void *handle, int value)`)(handle, value);
  };
  set("snaplen", options.snaplen);
  if (name !== ANY_INTERFACE) set("promisc", options.promiscuous ? 1 : 0);
  set("timeout", WAIT_MILLISECONDS);
  set("buffer_size", options.ringOctets);
  const precise = pcap.func("int pcap_set_tstamp_precision(void *handle, int precision)");
  const hasNanoseconds = precise(handle, NANOSECOND_PRECISION) === 0;
  const close = pcap.func("void pcap_close(void *handle)");
  try {
    activate(pcap, handle, name);
    if (options.direction !== "both") {
      pcap.func("int pcap_setdirection(void *handle, int direction)")(
        handle,
        DIRECTIONS[options.direction],
      );
    }
    if (options.filter !== undefined) setFilter(pcap, handle, options.filter);
    pcap.func("int pcap_setnonblock(void *handle, int on, void *error)")(handle, 1, errorBuffer);
    return withMemory(koffi, pcap, handle, name, hasNanoseconds, () => close(handle));
  } catch (error: unknown) {
    close(handle);
    throw error;
  }
}

function activate(pcap: NativeLibrary, handle: bigint, name: string): void {
  const status = pcap.func("int pcap_activate(void *handle)")(handle) as number;
  if (status >= 0) return;
  const why = pcap.func("const char *pcap_geterr(void *handle)")(handle) as string;
  const code = /No such device/i.test(why) ? NO_SUCH_DEVICE : (FAILURES.get(status) ?? "libpcap");
  throw liveFailure(name, { code, text: why }, "libpcap can't listen");
}

function setFilter(pcap: NativeLibrary, handle: bigint, expression: string): void {
  // struct bpf_program: u32 instructions | padding | pointer to them
  const program = new Uint8Array(16);
  const compiled = pcap.func(
    "int pcap_compile(void *handle, void *program, const char *text, int optimize, uint32_t netmask)",
  )(handle, program, expression, 1, NETMASK_UNKNOWN) as number;
  const isSet =
    compiled === 0 &&
    pcap.func("int pcap_setfilter(void *handle, void *program)")(handle, program) === 0;
  if (isSet) {
    pcap.func("void pcap_freecode(void *program)")(program);
    return;
  }
  const why = pcap.func("const char *pcap_geterr(void *handle)")(handle) as string;
  throw new UsageError("PF_FILTER", `--filter "${expression}": ${why}; see man pcap-filter`);
}

/**
 * libpcap's function that writes savefiles writes packets into memory that the C library grows: no
 * call from C to JavaScript is made for a packet. What it wrote is copied, because that memory moves.
 */
function withMemory(
  koffi: Koffi,
  pcap: NativeLibrary,
  handle: bigint,
  name: string,
  hasNanoseconds: boolean,
  closeHandle: () => void,
): LibpcapHandle {
  const c = koffi.load(null);
  const seek = c.func("int fseek(void *file, long offset, int from)");
  const flush = c.func("int fflush(void *file)");
  const closeFile = c.func("int fclose(void *file)");
  const free = c.func("void free(void *memory)");
  const dispatch = pcap.func("int pcap_dispatch(void *handle, int most, void *write, void *file)");
  const errorText = pcap.func("const char *pcap_geterr(void *handle)");
  const stats = pcap.func("int pcap_stats(void *handle, void *stats)");
  const write = pcap.symbol("pcap_dump") as unknown;
  // Where open_memstream says where the memory is and how much of it is in use.
  const place = koffi.alloc("uint64_t", 2) as unknown;
  const place64 = new BigUint64Array(koffi.view(place, 16));
  const file = c.func("void *open_memstream(void *address, void *length)")(
    place,
    koffi.address(place) + 8n,
  ) as bigint;
  const dumper = pcap.func("void *pcap_dump_fopen(void *handle, void *file)")(handle, file) as
    | bigint
    | null;
  if (dumper === null) {
    const text = errorText(handle) as string;
    throw liveFailure(name, { code: "libpcap", text }, "libpcap can't write packets");
  }
  const datalink = pcap.func("int pcap_datalink(void *handle)")(handle) as number;
  const descriptor = pcap.func("int pcap_get_selectable_fd(void *handle)")(handle) as number;
  let octets = new Uint8Array(0);
  let length = 0;
  let counts = new Uint32Array(STATS_WORDS);
  return {
    linkType: linkTypeOfDlt(datalink),
    hasNanoseconds,
    descriptor,
    dispatch: (most) => {
      seek(file, 0, 0);
      const packets = dispatch(handle, most, write, dumper) as number;
      length = 0;
      if (packets <= 0) return packets;
      flush(file);
      length = Number(place64[1]);
      if (octets.length < length) octets = new Uint8Array(length * 2);
      octets.set(new Uint8Array(koffi.view(place64[0], length)));
      return packets;
    },
    get octets() {
      return octets;
    },
    get length() {
      return length;
    },
    counts: () => {
      const now = new Uint32Array(STATS_WORDS);
      if ((stats(handle, new Uint8Array(now.buffer)) as number) === 0) counts = now;
      return counts;
    },
    errorText: () => errorText(handle) as string,
    close: () => {
      closeFile(file);
      free(place64[0]);
      koffi.free(place);
      closeHandle();
    },
  };
}
