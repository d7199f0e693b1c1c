import type { Queues } from "@muster/core";
import { systemClock, systemRandom } from "@muster/core/service";
import {
  addFault,
  type Check,
  type Fault,
  type FaultsLeft,
  HOW_TO_MEND,
  type MendOutcome,
  openDoctor,
} from "@muster/store";
import { type Address, checkAddress } from "./check-address.ts";

export interface Diagnosis {
  checks: Check[];
  /** Absent: it wasn't looked for any. */
  faults?: Found[];
}

/** A fault, and what became of it when it was to be mended. */
export interface Found extends Omit<Fault, "seen"> {
  outcome?: MendOutcome;
  howToMend: string;
  /** Where several were looked at. */
  partition?: string;
}

export interface Examination {
  redisUrl: string;
  /** Undefined: nginx is not looked at. */
  address: Address | undefined;
  /** The deployment's own first. */
  partitions: readonly string[];
  deep: boolean;
  repair: boolean;
  /** Needed only to put tickets back where searches find them. */
  queues: Queues | undefined;
}

/** Looks at the server and, when asked, at nginx and at everything that is kept; mends what can be, when asked. */
export const runDoctor = async (examination: Examination): Promise<Diagnosis> => {
  const { address, partitions, deep } = examination;
  const found: Diagnosis = { checks: [], ...(deep && { faults: [] }) };
  for (const [index, partition] of partitions.entries()) {
    const { checks, faults = [] } = await examine(examination, partition, index === 0);
    const isOne = partitions.length === 1;
    found.checks.push(...checks.map((check) => (isOne ? check : { ...check, name: `${partition}: ${check.name}` })));
    found.faults?.push(...faults.map((fault) => (isOne ? fault : { ...fault, partition })));
  }
  if (address) found.checks.push(...(await checkAddress(address)));
  return found;
};

const examine = async (
  { redisUrl: url, deep, repair, queues, partitions }: Examination,
  partition: string,
  isHome: boolean,
): Promise<Diagnosis> => {
  const queue = (name: string) => queues?.get(name);
  const doctor = await openDoctor({
    ...{ url, partition, isHome, name: "muster-doctor", clock: systemClock, queue },
    deployment: { home: partitions[0] ?? partition, partitions, random: systemRandom },
  });
  try {
    const checks = await doctor.checkServer();
    if (!deep) return { checks };
    const faults: Found[] = [];
    const left: FaultsLeft = { count: 0, told: [] };
    for await (const fault of doctor.examine()) {
      const { seen: _, ...rest } = fault;
      const howToMend = HOW_TO_MEND[fault.kind];
      const found: Found = { ...rest, howToMend, ...(repair && { outcome: await doctor.mend(fault) }) };
      faults.push(found);
      if (!isMended(found)) addFault(left, found);
    }
    // Whoever watches the system is told of what is still wrong. A Redis that takes no writes was told of by the checks.
    await doctor.tell(left).catch(() => {});
    return { checks, faults };
  } finally {
    await doctor.close();
  }
};

/** Whether nothing is wrong any more. */
export const isWell = ({ checks, faults = [] }: Diagnosis): boolean =>
  checks.every(({ status }) => status !== "wrong") && faults.every(isMended);

const isMended = ({ outcome }: Found): boolean => outcome === "mended" || outcome === "gone";
