import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BusiestFlows } from "../../../src/sink/table/busiest-flows.ts";

describe("BusiestFlows", () => {
  it("keeps what sorting everything would put first, equals in order of arrival", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(9)), fc.integer({ min: 1, max: 5 }), (octets, limit) => {
        const busiest = new BusiestFlows<number>(limit);
        let made = 0;
        octets.forEach((count, index) => {
          busiest.offer(count, () => {
            made += 1;
            return index;
          });
        });
        const sorted = octets.map((_count, index) => index);
        sorted.sort((a, b) => octets[b]! - octets[a]! || a - b);
        expect(busiest.flows).toEqual(sorted.slice(0, limit));
        expect(made).toBeGreaterThanOrEqual(busiest.flows.length);
      }),
    );
  });

  it("copies nothing of a flow that is not among them", () => {
    const busiest = new BusiestFlows<string>(1);
    busiest.offer(2, () => "first");
    busiest.offer(2, () => {
      throw new Error("an equal one came later");
    });
    busiest.offer(3, () => "second");
    expect(busiest.flows).toEqual(["second"]);
  });
});
