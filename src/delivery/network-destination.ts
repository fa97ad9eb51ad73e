import { UsageError } from "../core/errors.ts";
import type { HttpExchange } from "./http-exchange.ts";
import type { KafkaOptions } from "./kafka.ts";
import { batchLimits, type NetworkOptions, parseNetworkOptions, tlsOf } from "./network-options.ts";
import { secretOf } from "./secret.ts";
import type { Stream } from "./stream-exchange.ts";
import { facilityNames, syslogHeader } from "./syslog-message.ts";
import type { BatchLimits, Transport } from "./transport.ts";

/** Facts of this machine that a destination may need. */
export type Surroundings = {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly hostName: string;
  /** Milliseconds, of any origin. */
  readonly clock: () => number;
};

/** A destination on the network, or another program on this machine. */
export type NetworkDestination = {
  /** The destination without its options: what it is called in messages and in the spool. */
  readonly name: string;
  /** Records must be JSON objects, not just lines. */
  readonly needsJson: boolean;
  readonly limits: BatchLimits;
  open(): Promise<Transport>;
};

/** What the makers of the kinds get. */
type Request = Surroundings & {
  readonly name: string;
  /** Of `splunk+https://host/`: `https`. */
  readonly carrier: string;
  /** What stands behind `://`. */
  readonly rest: string;
  readonly options: NetworkOptions;
};

type Kind = {
  readonly carriers: readonly string[];
  readonly options: readonly string[];
  readonly needsJson: boolean;
  readonly milliseconds: number;
  /** Checks the request at once; loads what brings records there, and connects, when it is opened. */
  make(request: Request): () => Promise<Transport>;
};

const SECRETS = ["token-env", "token-file", "password-env", "password-file"];
const HEADERS = ["header-env", "header-file"];

const KINDS: Readonly<Record<string, Kind>> = {
  http: {
    carriers: ["http", "https"],
    options: [...SECRETS, ...HEADERS],
    needsJson: false,
    milliseconds: 1000,
    make: (request) => {
      const exchange = httpOf(request, urlOf(request), "Bearer", "application/x-ndjson");
      return async () => {
        const { newHttpLines } = await import("./http-lines.ts");
        return newHttpLines(request.name, await exchange());
      };
    },
  },
  elasticsearch: {
    carriers: ["http", "https"],
    options: [...SECRETS, ...HEADERS, "pipeline"],
    needsJson: true,
    milliseconds: 1000,
    make: (request) => {
      const url = urlOf(request, 9200);
      const path = url.pathname.replace(/\/+$/, "");
      if (path === "") throw wrong(request, "names no index; add /INDEX");
      url.pathname = `${path}/_bulk`;
      const pipeline = request.options.get("pipeline");
      const exchange = httpOf(request, url, "ApiKey", "application/x-ndjson");
      return async () => {
        const { BULK_QUERY, newElasticsearch } = await import("./elasticsearch.ts");
        url.search =
          BULK_QUERY + (pipeline === undefined ? "" : `&pipeline=${encodeURIComponent(pipeline)}`);
        return newElasticsearch(request.name, await exchange());
      };
    },
  },
  splunk: {
    carriers: ["http", "https"],
    options: ["token-env", "token-file", ...HEADERS, "sourcetype", "index", "source", "host"],
    needsJson: true,
    milliseconds: 1000,
    make: (request) => {
      const { options, name } = request;
      const url = urlOf(request, 8088);
      if (url.pathname === "/") url.pathname = "/services/collector/event";
      const exchange = httpOf(request, url, "Splunk", "application/json");
      const named = (key: string): object => (options.has(key) ? { [key]: options.get(key) } : {});
      const metadata = {
        sourcetype: options.get("sourcetype") ?? "portflow:flow",
        host: options.get("host") ?? request.hostName,
        ...named("source"),
        ...named("index"),
      };
      return async () => {
        const { newSplunk } = await import("./splunk.ts");
        return newSplunk(name, await exchange(), metadata);
      };
    },
  },
  syslog: {
    carriers: ["udp", "tcp", "tls"],
    options: ["facility", "receipt"],
    needsJson: false,
    milliseconds: 5000,
    make: syslogMaker,
  },
  kafka: {
    carriers: [""],
    options: ["tls", "sasl", "password-env", "password-file"],
    needsJson: false,
    milliseconds: 1000,
    make: kafkaMaker,
  },
  unix: {
    carriers: [""],
    options: ["receipt"],
    needsJson: false,
    milliseconds: 1000,
    make: (request) => {
      if (request.rest === "") throw wrong(request, "names no socket");
      const how = streaming(request);
      return async () => {
        const { newUnixLines } = await import("./stream-lines.ts");
        return newUnixLines(request.name, request.rest, how);
      };
    },
  },
};

const NAMES: Readonly<Record<string, string>> = {
  https: "http",
  opensearch: "elasticsearch",
};

/**
 * Reads a destination on the network: `KIND+CARRIER://PLACE#OPTION=VALUE,...`.
 * @param text - one that `parseDestination` takes for a network's
 * @throws UsageError when it is wrong
 */
export function parseNetworkDestination(
  text: string,
  surroundings: Surroundings,
): NetworkDestination {
  const [, scheme = "", carrierGiven, rest = "", optionText = ""] =
    /^([a-z]+)(?:\+([a-z]+))?:(?:\/\/)?([^#]*)(?:#(.*))?$/s.exec(text) ?? [];
  const kindName = NAMES[scheme] ?? scheme;
  const kind = KINDS[kindName];
  const name = text.replace(/#.*$/s, "");
  if (kind === undefined) {
    const known =
      "http(s), elasticsearch+http(s), opensearch+http(s), splunk+http(s), syslog+udp, syslog+tcp, syslog+tls, kafka, unix";
    throw new UsageError("PF_NO_DESTINATION", `--output ${name}: no such kind; known: ${known}`);
  }
  const carrier = carrierGiven ?? (kindName === "http" ? scheme : "");
  if (!kind.carriers.includes(carrier)) {
    const known = kind.carriers.map((one) => `${scheme}+${one}`).join(", ");
    throw new UsageError("PF_NO_DESTINATION", `--output ${name}: write ${known}`);
  }
  if (kindName !== "unix" && rest.includes("@")) {
    throw new UsageError(
      "PF_SECRET_SHOWN",
      `--output ${name.replace(/\/\/.*@/, "//...@")}: credentials on the command line can be read by others; use password-file or password-env behind #`,
    );
  }
  const options = parseNetworkOptions(optionText, kind.options, name);
  const limits = { records: 2000, octets: 4 << 20, milliseconds: kind.milliseconds };
  return {
    name,
    needsJson: kind.needsJson,
    limits: batchLimits(options, limits),
    open: kind.make({ ...surroundings, name, carrier, rest, options }),
  };
}

function wrong({ name }: Request, what: string): UsageError {
  return new UsageError("PF_NO_DESTINATION", `--output ${name}: ${what}`);
}

function urlOf(request: Request, defaultPort?: number): URL {
  const { carrier, rest } = request;
  if (!URL.canParse(`${carrier}://${rest}`)) throw wrong(request, "not a URL");
  const url = new URL(`${carrier}://${rest}`);
  const hasPort = /^(\[[^\]]*\]|[^/:]*):\d/.test(rest);
  if (!hasPort && defaultPort !== undefined) url.port = String(defaultPort);
  return url;
}

/** What makes the exchange, checked at once. */
function httpOf(
  request: Request,
  url: URL,
  tokenScheme: string,
  contentType: string,
): () => Promise<HttpExchange> {
  const { options, environment } = request;
  const headers: Record<string, string> = { "content-type": contentType };
  const token = secretOf("token", options, environment);
  const password = secretOf("password", options, environment);
  if (token !== undefined) headers["authorization"] = `${tokenScheme} ${token}`;
  if (password !== undefined) {
    headers["authorization"] = `Basic ${Buffer.from(password).toString("base64")}`;
  }
  for (const line of secretOf("header", options, environment)?.split(/\r?\n/) ?? []) {
    const [, name, value] = /^([!#-'*+.^-z|~\w-]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined) throw wrong(request, "a header is NAME: VALUE, one a line");
    headers[name.toLowerCase()] = value!;
  }
  const tls = tlsOf(options);
  return async () => {
    const { newHttpExchange } = await import("./http-exchange.ts");
    return newHttpExchange(url, headers, tls);
  };
}

/** How lines are streamed, whatever the connection is. */
function streaming(request: Request): Omit<Stream, "connect"> {
  const value = request.options.get("receipt") ?? "close";
  if (value !== "close" && value !== "none") throw wrong(request, "receipt is close or none");
  return { needsReceipt: value === "close", clock: request.clock };
}

function syslogMaker(request: Request): () => Promise<Transport> {
  const { carrier, rest, name, options } = request;
  const url = URL.canParse(`tcp://${rest}`) ? new URL(`tcp://${rest}`) : undefined;
  if (url === undefined || url.hostname === "") throw wrong(request, "names no host");
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? (carrier === "tls" ? 6514 : 514) : Number(url.port);
  const facility = options.get("facility") ?? "local0";
  if (!facilityNames.includes(facility)) {
    throw wrong(request, `no facility ${facility}; known: ${facilityNames.join(", ")}`);
  }
  const header = syslogHeader(request.hostName, facility);
  if (carrier === "udp") {
    return async () => {
      const { newSyslogDatagrams } = await import("./syslog.ts");
      return newSyslogDatagrams(name, host, port, header);
    };
  }
  const how = streaming(request);
  const place = { host, port, allowHalfOpen: true };
  if (carrier === "tcp") {
    return async () => {
      const { connect } = await import("node:net");
      const { newSyslogStream } = await import("./syslog.ts");
      const begin = () => ({ socket: connect(place), ready: "connect" as const });
      return newSyslogStream(name, { ...how, connect: begin }, header);
    };
  }
  const tls = { ...place, ...tlsOf(options), servername: /^[\d.]+$|:/.test(host) ? "" : host };
  return async () => {
    const { connect } = await import("node:tls");
    const { newSyslogStream } = await import("./syslog.ts");
    const begin = () => ({ socket: connect(tls), ready: "secureConnect" as const });
    return newSyslogStream(name, { ...how, connect: begin }, header);
  };
}

function kafkaMaker(request: Request): () => Promise<Transport> {
  const { rest, name, options, environment } = request;
  const [, hosts, topic] = /^([^/]+)\/([\w.-]{1,249})$/.exec(rest) ?? [];
  if (hosts === undefined) throw wrong(request, "write kafka://BROKER[,BROKER]/TOPIC");
  const brokers = hosts.split(",").map((host) => (/:\d+$/.test(host) ? host : `${host}:9092`));
  const password = secretOf("password", options, environment);
  const mechanism = options.get("sasl") ?? "plain";
  if (!["plain", "scram-sha-256", "scram-sha-512"].includes(mechanism)) {
    throw wrong(request, "sasl is plain, scram-sha-256 or scram-sha-512");
  }
  const [, username = "", secret = ""] = /^([^:]*):(.*)$/s.exec(password ?? "") ?? [];
  const tls = tlsOf(options);
  const usesTls = options.get("tls") === "on" || Object.keys(tls).length > 0;
  const place: KafkaOptions = {
    brokers,
    topic: topic!,
    tls: usesTls ? tls : undefined,
    login:
      password === undefined
        ? undefined
        : ({ mechanism, username, password: secret } as KafkaOptions["login"]),
  };
  return async () => {
    const { newKafka } = await import("./kafka.ts");
    return await newKafka(name, place);
  };
}
