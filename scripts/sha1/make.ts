import { writeFileSync } from "node:fs";
import { sha1Rounds } from "./rounds.ts";

writeFileSync("src/flow/sha1-rounds.ts", sha1Rounds());
