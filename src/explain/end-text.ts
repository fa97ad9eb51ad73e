/** One end of a flow as `--flow` takes it: `10.0.0.1:80`, `[2001:db8::1]:80`; without a port, the address. */
export function endText({ ip, port }: { readonly ip: string; readonly port?: number }): string {
  if (port === undefined) return ip;
  return ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
}
