import { hex, ip, join, mac, text, u16, u32 } from "../../../test/support/octets.ts";

/** Little-endian fields, for SMB. */
function le16(value: number): Uint8Array {
  return u16(value).reverse();
}

function le32(value: number): Uint8Array {
  return u32(value).reverse();
}

export type DhcpMessage = {
  /** 1 discover, 2 offer, 3 request, 5 acknowledge (RFC 2132 section 9.6). */
  readonly type: number;
  readonly transaction: number;
  readonly clientMac: string;
  readonly offered?: string;
  readonly server?: string;
};

/** DHCP message over BOOTP (RFC 2131 section 2). */
export function dhcp(message: DhcpMessage): Uint8Array {
  const isReply = message.type === 2 || message.type === 5;
  const none = "0.0.0.0";
  const server = message.server;
  const options = join(
    hex("63825363"),
    [53, 1, message.type],
    server === undefined ? [] : join([54, 4], ip(server)),
    isReply
      ? join([51, 4], u32(86400), [1, 4, 255, 255, 255, 0, 3, 4], ip(server ?? none))
      : join([12, 4], text("desk"), [55, 4, 1, 3, 6, 15]),
    !isReply && message.offered !== undefined ? join([50, 4], ip(message.offered)) : [],
    255,
  );
  const fixed = join(
    [isReply ? 2 : 1, 1, 6, 0],
    u32(message.transaction),
    u16(0),
    u16(0x8000),
    ip(none),
    ip(isReply ? (message.offered ?? none) : none),
    ip(none),
    ip(none),
    mac(message.clientMac),
    new Uint8Array(10 + 64 + 128),
  );
  const whole = join(fixed, options);
  // Old relays drop messages below the 300 octets of BOOTP (RFC 1542 section 2.1).
  return whole.length < 300 ? join(whole, new Uint8Array(300 - whole.length)) : whole;
}

/** Seconds between the NTP era (1900) and Unix time (1970). */
const NTP_OFFSET = 2208988800;

/**
 * NTP version 4 packet (RFC 5905 section 7.3).
 * @param seconds - Unix time it was sent
 */
export function ntp(mode: "client" | "server", seconds: number): Uint8Array {
  const stamp = join(u32((seconds + NTP_OFFSET) >>> 0), u32(0x40000000));
  const none = new Uint8Array(8);
  if (mode === "client")
    return join([0x23, 0, 6, 0xe9], new Uint8Array(12), none, none, none, stamp);
  return join(
    [0x24, 2, 6, 0xe9],
    u32(0x200),
    u32(0x300),
    ip("192.0.2.123"),
    stamp,
    stamp,
    stamp,
    stamp,
  );
}

/** NetBIOS name query, broadcast (RFC 1002 section 4.2.12). */
export function netbiosQuery(id: number, name: string): Uint8Array {
  const padded = text(name.toUpperCase().padEnd(15)).slice(0, 15);
  const halves = [...padded, 0].flatMap((octet) => [0x41 + (octet >>> 4), 0x41 + (octet & 15)]);
  return join(u16(id), u16(0x0110), [0, 1, 0, 0, 0, 0, 0, 0], 32, halves, 0, u16(0x20), u16(1));
}

/** SSDP search or notification (UPnP Device Architecture): HTTP over UDP. */
export function ssdp(lines: readonly string[]): Uint8Array {
  return text([...lines, "", ""].join("\r\n"));
}

/** SMB2 NEGOTIATE request for dialects 2.1, 3.0 and 3.0.2, in its direct TCP frame (MS-SMB2 2.2.3). */
export function smbNegotiate(clientGuid: Uint8Array): Uint8Array {
  const body = join(
    le16(36),
    le16(3),
    le16(1),
    le16(0),
    le32(0x44),
    clientGuid,
    new Uint8Array(8),
    le16(0x0210),
    le16(0x0300),
    le16(0x0302),
  );
  return smbFrame(0, body);
}

/** The server's choice of 3.0.2 (MS-SMB2 2.2.4). */
export function smbNegotiateResponse(serverGuid: Uint8Array): Uint8Array {
  const body = join(
    le16(65),
    le16(1),
    le16(0x0302),
    le16(0),
    serverGuid,
    le32(0x2f),
    le32(8388608),
    le32(8388608),
    le32(8388608),
    hex("00b0e8a53baadc01"),
    new Uint8Array(8),
    le16(128),
    le16(0),
    le32(0),
  );
  return smbFrame(1, body);
}

function smbFrame(flags: number, body: Uint8Array): Uint8Array {
  const header = join(
    hex("fe534d42"),
    le16(64),
    le16(0),
    le32(0),
    le16(0),
    le16(1),
    le32(flags),
    new Uint8Array(4 + 8 + 4 + 4 + 8 + 16),
  );
  return join(u32(header.length + body.length), header, body);
}

/** X.224 connection request of an RDP client with its cookie (MS-RDPBCGR 2.2.1.1). */
export function rdpConnectionRequest(user: string): Uint8Array {
  const cookie = join(text(`Cookie: mstshash=${user}\r\n`), hex("01 00 0800 03000000"));
  return tpkt(join(6 + cookie.length, 0xe0, u16(0), u16(0), 0, cookie));
}

/** X.224 connection confirm that selects TLS. */
export function rdpConnectionConfirm(): Uint8Array {
  return tpkt(hex("0e d0 0000 1234 00 02 00 0800 01000000"));
}

function tpkt(body: Uint8Array): Uint8Array {
  return join([3, 0], u16(body.length + 4), body);
}

/** RDP-UDP SYN datagram, padded to 1,232 octets as clients do (MS-RDPEUDP 3.1.5.1.1). */
export function rdpUdpSyn(sequence: number): Uint8Array {
  const head = join(hex("ffffffff"), u16(64), u16(0x0001), u32(sequence), u16(1232), u16(1232));
  return join(head, new Uint8Array(1232 - head.length));
}

/** Its SYN+ACK. */
export function rdpUdpSynAck(sequence: number, acknowledged: number): Uint8Array {
  const head = join(
    u32(acknowledged),
    u16(64),
    u16(0x0005),
    u32(sequence),
    u16(1232),
    u16(1232),
    u16(0),
    u16(0),
  );
  return join(head, new Uint8Array(1232 - head.length));
}

/** Configuration BPDU of a root bridge (IEEE 802.1D clause 9), the content of an LLC frame. */
export function spanningTree(bridge: string): Uint8Array {
  const id = join(u16(32768), mac(bridge));
  const tail = join(u16(0x8001), u16(0), u16(20 << 8), u16(2 << 8), u16(15 << 8));
  return join([0, 0, 0, 0, 0], id, u32(0), id, tail);
}

/** LLDP data unit (IEEE 802.1AB clause 8). */
export function lldp(chassis: string, port: string, name: string): Uint8Array {
  return join(
    unit(1, join(4, mac(chassis))),
    unit(2, join(5, text(port))),
    unit(3, u16(120)),
    unit(5, text(name)),
    unit(0, new Uint8Array(0)),
  );
}

function unit(type: number, value: Uint8Array): Uint8Array {
  return join(u16((type << 9) | value.length), value);
}
