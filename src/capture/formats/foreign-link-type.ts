/**
 * Where the link types of formats that have numbers of their own stand among the LINKTYPE_* numbers,
 * of which none is so large: those for which there is no LINKTYPE_*. `src/wire/link-type.ts` has names
 * for them.
 */
export const ForeignLinks = { Snoop: 0xfa00, Erf: 0xfb00, Netmon: 0xfc00 } as const;

/**
 * The number a link type gets for which there is no LINKTYPE_*.
 * @param first - where those of its format begin
 * @param number - what the format calls it; all from 255 on are one
 */
export function foreignLinkType(first: number, number: number): number {
  return first + Math.min(number, 0xff);
}
