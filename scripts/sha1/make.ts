import { writeFileSync } from "node:fs";
import { sha1Rounds } from "./rounds.ts";

writeFileSync("src/flow/id/sha1-rounds.ts", sha1Rounds());
