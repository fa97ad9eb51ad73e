import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { ByteWriter } from "../../../src/core/byte-writer.ts";
import {
  Certainty,
  CertaintyName,
  DirectionReason,
  DirectionReasonName,
} from "../../../src/flow/row/direction.ts";
import { entryNumber, Variant } from "../../../src/service/entry-number.ts";
import { loadRegistry } from "../../../src/service/registry.ts";
import { entryByNumber } from "../../../src/service/service-entry.ts";
import {
  Confidence,
  ConfidenceName,
  newTag,
  Reason,
  ReasonName,
  Side,
  SideName,
} from "../../../src/service/tag.ts";
import { PORTS, TransportName } from "../../../src/service/transport.ts";
import { FIELDS } from "../../../src/sink/fields/fields.ts";
import { ServiceText } from "../../../src/sink/members/service-text.ts";
import type { FlowRecord } from "../../../src/sink/sink.ts";
import { PLAIN } from "../flow-records.ts";
import { committed } from "../schema.ts";

const schema = JSON.parse(committed("portflow.flow.schema.json")).properties.service;
const validate = new Ajv2020({ strict: true, strictRequired: false }).compile(schema);
const DIRECTION = ',"direction":{"certainty":"certain","reason":"syn"},';
const SERVICE_FIELDS = FIELDS.filter(({ path }) => path.startsWith("service."));

describe("the service object of all kinds of ports", () => {
  const registry = loadRegistry();
  const texts = new ServiceText();
  // All well-known ports, a fifth of the others: looking at all of them would take too long.
  const ports = Array.from({ length: 50_000 }, (_, port) => port).filter(
    (port) => port < 1024 || port % 5 === 0,
  );

  it.each(TransportName.map((name, transport) => [name, transport] as const))(
    "%s: the schema accepts it, and it says what the catalogue says",
    (_name, transport) => {
      const tag = newTag();
      const direction = { flipped: 0, certainty: Certainty.Certain, reason: DirectionReason.Syn };
      const record = { tag, view: { direction } } as unknown as FlowRecord;
      for (const port of ports) {
        for (const variant of [Variant.Plain, Variant.Broadcast]) {
          const entry = entryByNumber(registry, entryNumber(transport * PORTS + port, variant));
          if (variant === Variant.Broadcast && port > 1023) continue;
          const isNamed = entry.name !== undefined;
          Object.assign(tag, { named: isNamed ? 1 : 0, port, side: Side.Destination });
          tag.confidence = isNamed ? Confidence.High : Confidence.None;
          tag.reason = isNamed ? Reason.Syn : Reason.ResponderUnregistered;
          record.entry = entry;
          const out = new ByteWriter(512);
          texts.write(record, out);
          const { service } = JSON.parse(`{${out.toString()}}`);
          const whole = new ByteWriter(512);
          texts.writeWithDirection(record, whole);
          if (whole.toString() !== DIRECTION + out.toString()) {
            expect(whole.toString()).toBe(DIRECTION + out.toString());
          }
          if (!validate(service)) expect({ port, service, errors: validate.errors }).toBe("valid");
          const cells = new Map(SERVICE_FIELDS.map((field) => [field.path, field]));
          for (const [name, value] of Object.entries(service)) {
            if (typeof value !== "string" && typeof value !== "number") continue;
            const cell = new ByteWriter(64);
            cells.get(`service.${name}`)!.write(record, cell, PLAIN);
            if (cell.toString() !== String(value)) expect(cell.toString()).toBe(String(value));
          }
        }
      }
    },
  );

  it("whatever it was asked for just before, it says how this flow was found", () => {
    const tag = newTag();
    const direction = { flipped: 0, certainty: 0, reason: 0 };
    const entry = entryByNumber(registry, entryNumber(443, Variant.Plain));
    const record = { tag, entry, view: { direction } } as unknown as FlowRecord;
    for (let turn = 0; turn < 2; turn += 1) {
      for (const [certainty, how] of CertaintyName.entries()) {
        for (const [reason, why] of DirectionReasonName.entries()) {
          for (const [side, name] of SideName.entries()) {
            Object.assign(direction, { certainty, reason });
            const isChosen = side !== Side.None;
            Object.assign(tag, { side, named: isChosen ? 1 : 0, port: isChosen ? 443 : -1 });
            tag.reason = (reason * 3 + side) % ReasonName.length;
            tag.confidence = side;
            const out = new ByteWriter(512);
            texts.writeWithDirection(record, out);
            const { direction: shown, service } = JSON.parse(`{"a":0${out.toString()}}`);
            expect(shown).toEqual({ certainty: how, reason: why });
            expect([service.side, service.port, service.confidence, service.reason]).toEqual([
              isChosen ? name : undefined,
              isChosen ? 443 : undefined,
              ConfidenceName[side],
              ReasonName[tag.reason],
            ]);
          }
        }
      }
    }
  });
});
