/** A count with all its digits, in groups of three, whatever the locale: 1,234,567. */
export function groupedCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}
