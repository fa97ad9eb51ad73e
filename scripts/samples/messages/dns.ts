import { ip, join, text, u16, u32 } from "../../../test/support/octets.ts";

/** Record types used in the samples (IANA "DNS Parameters"). */
export const DnsType = { A: 1, PTR: 12, MX: 15, TXT: 16, AAAA: 28, SRV: 33, HTTPS: 65 } as const;

export type DnsRecord = {
  readonly name: string;
  readonly type: number;
  readonly seconds?: number;
  readonly data: Uint8Array;
};

export type DnsMessage = {
  readonly id: number;
  readonly name: string;
  readonly type: number;
  readonly answers?: readonly DnsRecord[];
  /** 0 no error, 3 no such name. */
  readonly responseCode?: number;
  /** Flags for mDNS and LLMNR, which leave out recursion. */
  readonly flags?: number;
};

/** A query, or with `answers` or `responseCode` its response (RFC 1035 section 4). */
export function dnsMessage(message: DnsMessage): Uint8Array {
  const { answers = [], responseCode } = message;
  const isResponse = message.answers !== undefined || responseCode !== undefined;
  const flags = message.flags ?? (isResponse ? 0x8180 | (responseCode ?? 0) : 0x0100);
  return join(
    u16(message.id),
    u16(flags),
    u16(1),
    u16(answers.length),
    [0, 0, 0, 0],
    dnsName(message.name),
    u16(message.type),
    u16(1),
    ...answers.map((answer) => record(answer, message.name)),
  );
}

/** An mDNS announcement: a response without a question (RFC 6762 section 8.3). */
export function mdnsAnnouncement(answers: readonly DnsRecord[]): Uint8Array {
  return join(
    [0, 0, 0x84, 0, 0, 0],
    u16(answers.length),
    [0, 0, 0, 0],
    ...answers.map((answer) => record(answer, "")),
  );
}

/** Address record of either version. */
export function addressRecord(name: string, address: string, seconds = 300): DnsRecord {
  const type = address.includes(":") ? DnsType.AAAA : DnsType.A;
  return { name, type, seconds, data: ip(address) };
}

/** Mail exchanger record. */
export function mailRecord(name: string, preference: number, host: string): DnsRecord {
  return { name, type: DnsType.MX, seconds: 3600, data: join(u16(preference), dnsName(host)) };
}

/** Name as length-prefixed labels. */
export function dnsName(name: string): Uint8Array {
  const labels = name === "" ? [] : name.split(".");
  return join(...labels.map((label) => join(label.length, text(label))), 0);
}

/** A name equal to the question's is written as a pointer to it, as servers do. */
function record(answer: DnsRecord, question: string): Uint8Array {
  return join(
    answer.name === question ? [0xc0, 0x0c] : dnsName(answer.name),
    u16(answer.type),
    u16(1),
    u32(answer.seconds ?? 300),
    u16(answer.data.length),
    answer.data,
  );
}
