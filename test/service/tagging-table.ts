/** One flow and the tag the rules of tagging give it; ports and addresses as on the wire. */
export type TaggingCase = {
  readonly id: string;
  readonly protocol: "tcp" | "udp" | "udplite" | "sctp" | "dccp" | "icmp";
  /** Sender and receiver of the first packet. */
  readonly from: readonly [address: string, port: number];
  readonly to: readonly [address: string, port: number];
  /** What the first packet is; nothing: mid-stream or a datagram. */
  readonly packet?: "syn" | "synack" | "init" | "later-fragment" | "crossing-syns";
  /** An exporter's word. */
  readonly initiator?: "from" | "to";
  readonly rules?: string;
  /** Expected: `side port name status confidence reason`, `-` for none; side in from/to/both. */
  readonly tag: string;
  readonly candidates?: readonly string[];
  readonly portStatus?: string;
  readonly hint?: string;
};

const CLIENT = "10.0.0.5";
const SERVER = "203.0.113.9";

/** A flow between a client and a server address. */
function flow(
  id: string,
  protocol: TaggingCase["protocol"],
  fromPort: number,
  toPort: number,
  tag: string,
  more: Partial<TaggingCase> = {},
): TaggingCase {
  return { id, protocol, from: [CLIENT, fromPort], to: [SERVER, toPort], tag, ...more };
}

const syn = { packet: "syn" } as const;
const init = { packet: "init" } as const;

/** R0 to R6 and the names, each row from the rules, the registries or an RFC, none from our output. */
export const TAGGING_TABLE: readonly TaggingCase[] = [
  // R0: no ports
  flow("icmp has no ports", "icmp", 0, 0, "- - - - none no-ports"),
  flow("later fragments have no ports", "udp", 0, 0, "- - - - none no-ports", {
    packet: "later-fragment",
  }),
  // R1: a handshake decides, the responder's port only
  flow("syn to ssh", "tcp", 50122, 22, "to 22 ssh official high syn", syn),
  flow("syn+ack from ssh", "tcp", 22, 50122, "from 22 ssh official high synack", {
    packet: "synack",
  }),
  flow("rsh from a low source port", "tcp", 1021, 514, "to 514 shell official high syn", syn),
  flow("rexec from a low source port", "tcp", 1022, 512, "to 512 exec official high syn", syn),
  flow(
    "syn from 5432 is not postgresql",
    "tcp",
    5432,
    45999,
    "to 45999 - - none responder-unregistered",
    { ...syn, portStatus: "unassigned" },
  ),
  flow("passive ftp data", "tcp", 20000, 52001, "to 52001 - - none responder-unregistered", {
    ...syn,
    portStatus: "dynamic",
    candidates: [],
  }),
  flow("bgp over sctp", "sctp", 40112, 179, "to 179 bgp official high init", init),
  flow("discard over dccp", "dccp", 40112, 9, "to 9 discard official high init", init),
  flow("syn to an unassigned port", "tcp", 40112, 10, "to 10 - - none unassigned", {
    ...syn,
    portStatus: "unassigned",
  }),
  flow("syn to a reserved port", "tcp", 40112, 1023, "to 1023 - - none reserved", {
    ...syn,
    portStatus: "reserved",
  }),
  // R1a: active ftp
  flow(
    "active ftp data",
    "tcp",
    20,
    34002,
    "from 20 ftp-data official medium active-mode-source",
    syn,
  ),
  flow("active ftp to a named port", "tcp", 20, 5432, "to 5432 postgresql official high syn", syn),
  // R2: an exporter's word
  flow(
    "initiator known",
    "tcp",
    1521,
    40113,
    "from 1521 oracle unofficial medium initiator-known",
    { initiator: "to" },
  ),
  flow("initiator known for udp", "udp", 53, 53211, "to 53211 - - none responder-unregistered", {
    initiator: "from",
  }),
  // R3: equal ports
  flow("ntp symmetric", "udp", 123, 123, "both 123 ntp official high equal-ports"),
  flow("ike symmetric", "udp", 500, 500, "both 500 isakmp official high equal-ports"),
  flow("nat-t symmetric", "udp", 4500, 4500, "both 4500 ipsec-nat-t official high equal-ports"),
  flow("bacnet broadcast", "udp", 47808, 47808, "both 47808 bacnet official high equal-ports", {
    to: ["10.0.255.255", 47808],
  }),
  flow("rip", "udp", 520, 520, "both 520 router official high equal-ports", {
    to: ["224.0.0.9", 520],
  }),
  flow("dhcp relay to server", "udp", 67, 67, "both 67 dhcp official high equal-ports"),
  flow("equal ports without a name", "udp", 50500, 50500, "- - - - none neither-registered"),
  flow("crossing syns of bgp", "tcp", 179, 179, "both 179 bgp official high equal-ports", {
    packet: "crossing-syns",
  }),
  // R4: pairs
  flow("dhcp offer", "udp", 67, 68, "from 67 bootps official high port-pair"),
  flow("dhcp discover", "udp", 68, 67, "to 67 dhcp official high port-pair", {
    to: ["255.255.255.255", 67],
  }),
  flow("dhcpv6 solicit", "udp", 546, 547, "to 547 dhcpv6-server official high port-pair", {
    from: ["fe80::1", 546],
    to: ["ff02::1:2", 547],
  }),
  flow("dhcpv6 advertise", "udp", 547, 546, "from 547 dhcpv6 official high port-pair"),
  // R5: group destinations
  flow("mdns one-shot", "udp", 61234, 5353, "to 5353 mdns official high multicast-destination", {
    to: ["224.0.0.251", 5353],
  }),
  flow("ssdp over ipv6", "udp", 49877, 1900, "to 1900 ssdp official high multicast-destination", {
    from: ["fe80::1", 49877],
    to: ["ff02::c", 1900],
  }),
  flow("wake-on-lan", "udp", 40112, 9, "to 9 wol unofficial medium broadcast-destination", {
    to: ["255.255.255.255", 9],
    candidates: ["discard"],
  }),
  flow("wake-on-lan between equal ports", "udp", 9, 9, "both 9 wol unofficial medium equal-ports", {
    to: ["255.255.255.255", 9],
  }),
  flow("discard by unicast", "udp", 40112, 9, "to 9 discard official medium first-packet", {
    candidates: ["wol"],
  }),
  flow(
    "a named port beats an unnamed group's",
    "udp",
    5353,
    50001,
    "from 5353 mdns official medium only-registered-side",
    { to: ["239.1.1.1", 50001] },
  ),
  // R6: classes
  flow("dns query", "udp", 53211, 53, "to 53 domain official medium first-packet"),
  flow("dns reply first", "udp", 53, 53211, "from 53 dns official medium only-registered-side"),
  flow(
    "rst of an unseen syn",
    "tcp",
    25,
    40112,
    "from 25 smtp official medium only-registered-side",
  ),
  flow(
    "mid-stream past a registered ephemeral port",
    "tcp",
    44818,
    22,
    "to 22 ssh official medium better-class",
  ),
  flow(
    "mid-stream https against mysql",
    "tcp",
    3306,
    443,
    "to 443 https official medium better-class",
  ),
  flow(
    "udp reply of the better known",
    "udp",
    53,
    5060,
    "from 53 dns official medium better-class",
  ),
  flow("udp to the better known", "udp", 5060, 53, "to 53 dns official medium first-packet"),
  flow("udp between equals", "udp", 5060, 3478, "to 3478 stun official medium first-packet"),
  flow("tcp between equals", "tcp", 5432, 3306, "to 3306 mysql official low lower-port"),
  flow(
    "ephemeral name alone",
    "udp",
    40000,
    50777,
    "from 40000 safetynetp official low ephemeral-registered",
  ),
  flow("neither registered", "udp", 51000, 52000, "- - - - none neither-registered"),
  flow("mosh is a weak range", "udp", 60999, 60001, "- - - - none weak-range-only", {
    candidates: ["mosh"],
  }),
  flow("crossing syns", "tcp", 22, 50122, "from 22 ssh official medium only-registered-side", {
    packet: "crossing-syns",
  }),
  flow(
    "cmc's range is no rival",
    "tcp",
    22,
    50122,
    "from 22 ssh official medium only-registered-side",
  ),
  flow("udp-lite has udp's names", "udplite", 53211, 53, "to 53 dns official medium first-packet"),
  // other transports lend no names
  flow("51820/tcp", "tcp", 40112, 51820, "to 51820 - - none registered-other-transport", {
    ...syn,
    portStatus: "dynamic",
    hint: "51820/udp is wireguard",
  }),
  flow("993/udp", "udp", 40112, 993, "to 993 - - none registered-other-transport", {
    portStatus: "reserved",
    hint: "993/tcp is imaps",
  }),
  // names
  flow("quic", "udp", 40112, 443, "to 443 quic unofficial medium first-packet", {
    candidates: ["https"],
  }),
  flow("80/udp", "udp", 40112, 80, "to 80 http official medium first-packet", {
    candidates: ["quic"],
  }),
  flow("submissions over urd", "tcp", 40112, 465, "to 465 submissions official high syn", {
    ...syn,
    candidates: ["urd"],
  }),
  flow("kafka over XmlIpcRegSvc", "tcp", 40112, 9092, "to 9092 kafka unofficial medium syn", {
    ...syn,
    candidates: ["XmlIpcRegSvc"],
  }),
  flow("vmware over ideafarm-door", "tcp", 40112, 902, "to 902 vmware-auth unofficial medium syn", {
    ...syn,
    candidates: ["ideafarm-door"],
  }),
  flow("minecraft", "tcp", 40112, 25565, "to 25565 minecraft unofficial medium syn", syn),
  flow(
    "wireguard in the dynamic range",
    "udp",
    38111,
    51820,
    "to 51820 wireguard unofficial medium first-packet",
  ),
  flow("kubernetes", "tcp", 40112, 6443, "to 6443 kube-apiserver unofficial medium syn", syn),
  flow("two live uses of 9100", "tcp", 40112, 9100, "to 9100 pdl-datastream official low syn", {
    ...syn,
    candidates: ["node-exporter"],
  }),
  flow(
    "two live uses of 5000",
    "tcp",
    40112,
    5000,
    "to 5000 docker-registry unofficial low syn",
    syn,
  ),
  flow(
    "tacacss is registered, thinlinc not",
    "tcp",
    40112,
    300,
    "to 300 tacacss official high syn",
    { ...syn, candidates: ["thinlinc"] },
  ),
  flow("torpark on an unassigned port", "tcp", 40112, 81, "to 81 torpark unofficial low syn", {
    ...syn,
    portStatus: "unassigned",
  }),
  flow(
    "exact row inside an unassigned range",
    "tcp",
    40112,
    981,
    "to 981 checkpoint-mgmt unofficial low syn",
    { ...syn, portStatus: "unassigned" },
  ),
  flow(
    "imap4-ssl on a deregistered port",
    "tcp",
    40112,
    585,
    "to 585 imap4-ssl unofficial low syn",
    { ...syn, portStatus: "deregistered" },
  ),
  flow("ircs on a reserved port", "tcp", 40112, 994, "to 994 ircs unofficial low syn", {
    ...syn,
    portStatus: "reserved",
  }),
  flow("x11 is a range", "tcp", 40112, 6001, "to 6001 x11 official high syn", syn),
  flow("irc is a range", "tcp", 40112, 6667, "to 6667 ircu official high syn", syn),
  flow("list says mixed, iana assigns", "tcp", 40112, 995, "to 995 pop3s official high syn", syn),
  flow("two names on 370/udp", "udp", 40112, 370, "to 370 codaauth2 official medium first-packet", {
    candidates: ["securecast1"],
  }),
  flow("520/tcp is efs", "tcp", 40112, 520, "to 520 efs official high syn", syn),
  flow("512/udp is comsat's", "udp", 40112, 512, "to 512 biff official medium first-packet"),
  flow("iana names aodv, the list mms-mmp", "tcp", 40112, 654, "to 654 aodv official high syn", {
    ...syn,
    candidates: ["mms-mmp"],
  }),
  flow("released names stay, doubted", "tcp", 40112, 831, "to 831 netconf-beep official low syn", {
    ...syn,
    portStatus: "reserved",
  }),
  // the user's rules
  flow("a rule names the responder", "tcp", 40112, 8888, "to 8888 acme-rpc user high syn", {
    ...syn,
    rules: "8888/tcp\tacme-rpc\n",
    candidates: ["jupyter", "ddi-tcp-1", "http"],
  }),
  flow(
    "a rule for the initiator's port says nothing",
    "tcp",
    8888,
    443,
    "to 443 https official high syn",
    { ...syn, rules: "8888/tcp\tacme-rpc\n" },
  ),
  flow(
    "a rule beats a well-known port mid-stream",
    "tcp",
    8888,
    443,
    "from 8888 acme-rpc user medium better-class",
    { rules: "8888/tcp acme-rpc\n" },
  ),
  flow("a rule for the server's network", "tcp", 40112, 8888, "to 8888 lab user high syn", {
    ...syn,
    rules: "8888/tcp lab 203.0.113.0/24\n",
  }),
  flow("a rule for another network", "tcp", 40112, 8888, "to 8888 jupyter unofficial low syn", {
    ...syn,
    rules: "8888/tcp lab 203.0.112.0/24\n",
  }),
  flow(
    "a rule for one port beats one for a range",
    "tcp",
    40112,
    8888,
    "to 8888 one user high syn",
    { ...syn, rules: "8888/tcp one\n8000-9000/tcp many 203.0.113.9\n" },
  ),
  flow("the last of two rules", "tcp", 40112, 8888, "to 8888 second user high syn", {
    ...syn,
    rules: "8888/tcp first 203.0.113.9\n8888/tcp second\n",
  }),
  flow("the last of two rules, for a network", "tcp", 40112, 8888, "to 8888 second user high syn", {
    ...syn,
    rules: "8888/tcp first\n8888/tcp second 203.0.113.9\n",
  }),
];
