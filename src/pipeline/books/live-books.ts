import type { LiveInterface } from "../../capture/live/live-interface.ts";

/** What the capturing side of a live capture counted, all interfaces together. */
export type LiveBooks = {
  /** Packets that passed the filter, dropped ones included; absent when a backend can't say. */
  readonly kernelReceived?: number;
  /** Packets lost for lack of room while they waited for the program. */
  readonly kernelDropped?: number;
  /** Packets that network devices lost before the kernel saw them. */
  readonly interfaceDropped?: number;
};

/** Adds up what the interfaces say now. A sum in which one is unknown is unknown. */
export function liveBooksOf(interfaces: readonly LiveInterface[]): LiveBooks {
  const counts = interfaces.map((one) => one.counts());
  const kernelReceived = sum(counts.map(({ received }) => received));
  const kernelDropped = sum(counts.map(({ dropped }) => dropped));
  // Devices that say nothing of losses, such as loopback, have none to tell.
  const told = counts.map(({ interfaceDropped }) => interfaceDropped).filter(isNumber);
  const interfaceDropped = told.length === 0 ? undefined : sum(told);
  return {
    ...(kernelReceived === undefined ? {} : { kernelReceived }),
    ...(kernelDropped === undefined ? {} : { kernelDropped }),
    ...(interfaceDropped === undefined ? {} : { interfaceDropped }),
  };
}

/** The names that the public JSON has for them. */
export function liveBooksJson(books: LiveBooks): object {
  const { kernelReceived, kernelDropped, interfaceDropped } = books;
  return {
    ...(kernelReceived === undefined ? {} : { kernel_received: kernelReceived }),
    ...(kernelDropped === undefined ? {} : { kernel_dropped: kernelDropped }),
    ...(interfaceDropped === undefined ? {} : { interface_dropped: interfaceDropped }),
  };
}

function sum(counts: readonly (number | undefined)[]): number | undefined {
  return counts.every(isNumber) ? counts.reduce((total, one) => total + one, 0) : undefined;
}

function isNumber(value: number | undefined): value is number {
  return value !== undefined;
}
