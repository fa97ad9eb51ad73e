import { type Fragment, fragment } from "../../core/fragment.ts";
import { OCSF_VERSIONS } from "./format-versions.ts";

/** Attributes that came with later versions. */
export type OcsfFeatures = {
  /** 1.4: community_uid, flag_history, bytes_missed. */
  readonly hasCommunityUid: boolean;
  /** 1.6: is_src_dst_assignment_known. */
  readonly hasAssignment: boolean;
  /** 1.7: cumulative_traffic, and times in network_traffic. */
  readonly hasCumulativeTraffic: boolean;
};

/** What records of a version may have. @see OCSF schema, CHANGELOG.md */
export function ocsfFeatures(version: string): OcsfFeatures {
  const place = OCSF_VERSIONS.indexOf(version);
  return {
    hasCommunityUid: place >= OCSF_VERSIONS.indexOf("1.4.0"),
    hasAssignment: place >= OCSF_VERSIONS.indexOf("1.6.0"),
    hasCumulativeTraffic: place >= OCSF_VERSIONS.indexOf("1.7.0"),
  };
}

/** Captions of `activity_id` that flows can have. */
export const OcsfActivityName: Readonly<Record<number, string>> = {
  2: "Close",
  3: "Reset",
  4: "Fail",
  5: "Refuse",
  6: "Traffic",
};

const TRAFFIC = 6;
/** Activity by Zeek's word for a connection; everything else is a report of traffic. */
const OCSF_ACTIVITIES: Readonly<Record<string, number>> = {
  SF: 2,
  RSTO: 3,
  RSTR: 3,
  RSTOS0: 3,
  RSTRH: 3,
  S0: 4,
  REJ: 5,
};

const OPENINGS = new Map(
  Object.entries(OcsfActivityName).map(([id, name]) => [
    Number(id),
    fragment(
      `{"activity_id":${id},"activity_name":"${name}","category_uid":4,"category_name":"Network Activity","class_uid":4001,"class_name":"Network Activity","type_uid":40010${id},"type_name":"Network Activity: ${name}","severity_id":1,"severity":"Informational"`,
    ),
  ]),
);

/** What an event begins with. @param state - Zeek's word for the connection; "" for interim reports and other protocols */
export function activityOf(state: string): Fragment {
  return OPENINGS.get(OCSF_ACTIVITIES[state] ?? TRAFFIC)!;
}
