/** Server ports by transport, each as often as its share in sixteenths or so of an office's traffic. */
export const SERVICES: { readonly tcp: readonly number[]; readonly udp: readonly number[] } = {
  tcp: [
    443, 443, 443, 443, 443, 443, 443, 443, 443, 443, 80, 80, 80, 22, 22, 25, 587, 993, 445, 445,
    3389, 3306, 5432, 8080, 389, 88, 5223, 9100, 27017, 6379, 1883, 47321,
  ],
  udp: [
    53, 53, 53, 53, 53, 53, 53, 443, 443, 443, 443, 443, 123, 123, 161, 514, 5060, 1194, 51820,
    3478, 4500, 1812, 88, 41234,
  ],
};
