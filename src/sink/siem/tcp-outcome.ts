import type { FlowView } from "../../flow/flow-view.ts";

/** What became of an attempt to connect. */
export const TcpOutcome = { Unknown: 0, Success: 1, Failure: 2 } as const;

const OUTCOMES: Readonly<Record<string, number>> = {
  SF: TcpOutcome.Success,
  S1: TcpOutcome.Success,
  S2: TcpOutcome.Success,
  S3: TcpOutcome.Success,
  RSTO: TcpOutcome.Success,
  RSTR: TcpOutcome.Success,
  S0: TcpOutcome.Failure,
  REJ: TcpOutcome.Failure,
  RSTOS0: TcpOutcome.Failure,
  RSTRH: TcpOutcome.Failure,
  SH: TcpOutcome.Failure,
  SHR: TcpOutcome.Failure,
};

/** Whether a TCP connection came about, as far as Zeek's word for it tells; only TCP says so. */
export function tcpOutcome(view: FlowView, state: string): number {
  return view.protocol === 6 ? (OUTCOMES[state] ?? TcpOutcome.Unknown) : TcpOutcome.Unknown;
}
