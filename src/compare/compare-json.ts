import { CAUSES } from "./cause.ts";
import type { CompareResult } from "./compare-logs.ts";
import type { Disagreement } from "./comparison.ts";

/**
 * The comparison as the public JSON object, schema `portflow.compare/1`.
 * @param paths - what was compared, as the user named it
 */
export function compareJson(
  { comparison, ourFlows, otherLog }: CompareResult,
  paths: { readonly ours: string; readonly other: string },
): object {
  const { matched, agreeing, explained, unexplained, split, onlyOurs, onlyOther } = comparison;
  return {
    type: "compare",
    schema: "portflow.compare/1",
    ours: { path: paths.ours, flows: ourFlows },
    other: {
      path: paths.other,
      ...(otherLog.kind === undefined ? {} : { format: otherLog.kind }),
      flows: otherLog.flows,
      other_records: otherLog.others,
      malformed: otherLog.malformed,
    },
    matched: { total: matched, agree: agreeing, explained, unexplained, split },
    only_ours: onlyOurs,
    only_other: onlyOther,
    is_explained: comparison.isExplained,
    fields: Object.fromEntries(comparison.fields),
    causes: [...comparison.causes]
      .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
      .map(([cause, count]) => ({ cause, count, meaning: CAUSES[cause] })),
    unexplained: comparison.unexplainedFlows.map(disagreementJson),
    explained: comparison.explainedFlows.map(disagreementJson),
  };
}

function disagreementJson({ communityId, differences, ...rest }: Disagreement): object {
  return {
    community_id: communityId,
    ...rest,
    ...(differences.length === 0
      ? {}
      : {
          differences: differences.map(({ cause, ...difference }) =>
            cause === undefined ? difference : { ...difference, cause },
          ),
        }),
  };
}
