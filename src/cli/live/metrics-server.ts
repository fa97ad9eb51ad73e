import { createServer, type Server } from "node:http";
import { UsageError } from "../../core/errors.ts";

const LOOPBACK = "127.0.0.1";

/**
 * Serves a text at `/metrics`.
 * @param address - `PORT`, or `HOST:PORT`, IPv6 in brackets; loopback unless a host is named
 * @throws UsageError when the address is none or can't be had
 */
export async function serveMetrics(address: string, text: () => string): Promise<Server> {
  const [, bracketed, plain, port = ""] = /^(?:(?:\[(.+)\]|([^:]+)):)?(\d+)$/.exec(address) ?? [];
  const number = Number(port);
  if (port === "" || number > 65535) {
    throw new UsageError("PF_ADDRESS", `--metrics "${address}": write 9464 or 127.0.0.1:9464`);
  }
  const server = createServer((request, response) => {
    const isRead = request.method === "GET" || request.method === "HEAD";
    if (!isRead || new URL(request.url ?? "/", "http://any").pathname !== "/metrics") {
      response.writeHead(isRead ? 404 : 405, { "content-type": "text/plain" });
      response.end("the metrics are at /metrics\n");
      return;
    }
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
    response.end(text());
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(number, bracketed ?? plain ?? LOOPBACK, resolve);
  }).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError("PF_ADDRESS", `--metrics ${address}: ${why}; choose another`, error);
  });
  return server;
}
