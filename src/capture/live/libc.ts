import { type Koffi, loadKoffi } from "./native-library.ts";

/** A pointer of the C side. */
export type Address = bigint;

/** The functions of the C library that listening needs; all but `mmap` return -1 on failure. */
export type Libc = {
  readonly koffi: Koffi;
  socket(domain: number, type: number, protocol: number): number;
  bind(descriptor: number, address: Uint8Array, length: number): number;
  setsockopt(
    descriptor: number,
    level: number,
    name: number,
    value: Uint8Array,
    length: number,
  ): number;
  getsockopt(
    descriptor: number,
    level: number,
    name: number,
    value: Uint8Array,
    length: Uint8Array,
  ): number;
  mmap(
    address: Address | null,
    length: number,
    protection: number,
    flags: number,
    descriptor: number,
    offset: number,
  ): Address;
  munmap(address: Address, length: number): number;
  close(descriptor: number): number;
  /** 0 when there is no such interface. */
  interfaceIndex(name: string): number;
  /** @param name - room for 16 octets */
  interfaceName(index: number, name: Uint8Array): Address | null;
  /** `ECODE` and the words of the last failure on this thread. */
  lastError(): SystemError;
};

/** Why a call of the system failed. */
export type SystemError = { readonly code: string; readonly text: string };

let loaded: Libc | undefined;

/**
 * The process's own C library, whichever it is.
 * @param subject - what needs it, for the message
 * @throws CaptureError when koffi is missing
 */
export function loadLibc(subject: string): Libc {
  if (loaded !== undefined) return loaded;
  const koffi = loadKoffi(subject);
  const c = koffi.load(null);
  const strerror = c.func("const char *strerror(int error)");
  loaded = {
    koffi,
    socket: c.func("int socket(int domain, int type, int protocol)"),
    bind: c.func("int bind(int fd, const void *address, uint32_t length)"),
    setsockopt: c.func(
      "int setsockopt(int fd, int level, int name, const void *value, uint32_t length)",
    ),
    getsockopt: c.func("int getsockopt(int fd, int level, int name, void *value, void *length)"),
    mmap: c.func(
      "void *mmap(void *address, size_t length, int protection, int flags, int fd, int64_t offset)",
    ),
    munmap: c.func("int munmap(void *address, size_t length)"),
    close: c.func("int close(int fd)"),
    interfaceIndex: c.func("unsigned int if_nametoindex(const char *name)"),
    interfaceName: c.func("void *if_indextoname(unsigned int index, void *name)"),
    lastError: () => {
      const number = koffi.errno();
      return { code: errorName(koffi, number), text: strerror(number) as string };
    },
  };
  return loaded;
}

/** `EPERM` for 1 and so on. */
function errorName(koffi: Koffi, number: number): string {
  const found = Object.entries(koffi.os.errno).find(([, value]) => value === number);
  return found?.[0] ?? `error ${number}`;
}
