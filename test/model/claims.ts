/**
 * The protocol of `store/src/claims/open-claims.ts` as a model: one player, some partitions, and enqueuers that each take
 * one step at a time, in every order there is. A step is what one script or command does in Redis; between two of them an
 * enqueuer may be stopped for any time, or die.
 *
 * Versions and epochs rise by one where the real ones rise at least so: what must not happen with the time in them must not
 * happen without it either. States beyond `cap` are not followed.
 */

/** What may be taken out of the protocol, to see that the search would notice. */
export type Mutant =
  /** An enqueue takes a player who is sealed. */
  | "enqueue ignores seals"
  /** The claim moves before its partition is sealed. */
  | "move before seal"
  /** The claim moves whatever it is by now. */
  | "move without comparing"
  /** A later seal is lifted too. */
  | "enter lifts any seal"
  /** A seal's epoch is that of the claim, which it is to be above. */
  | "seal does not raise the epoch"
  /** A seal is forgotten while somebody may still act on a claim that he read before it. */
  | "seals expire too soon"
  /** One who is refused as elsewhere gives up. */
  | "no way back in"
  /** Who comes into a partition goes on with the version that it had there. */
  | "versions start anew";

export interface ModelOptions {
  partitions: number;
  enqueuers: number;
  /** The highest version that is followed. */
  cap: number;
  mutant?: Mutant;
}

/** What a search found. */
export interface Searched {
  states: number;
  /** The first thing that must not be; undefined when there is none. */
  fault: string | undefined;
}

interface Claim {
  at: number;
  epoch: number;
  entered: boolean;
  /** Whether there is a key; without one the player is at partition 0. */
  written: boolean;
}
interface Partition {
  state: "idle" | "busy" | "elsewhere";
  /** 0: there is no key. */
  version: number;
}
interface Enqueuer {
  step: "rest" | "read" | "seal" | "move" | "enter" | "raise" | "settle" | "enqueue";
  to: number;
  /** As it read or wrote it last, if it still goes by it. */
  claim: Claim;
  /** The epoch that it goes on with. */
  epoch: number;
  /** Was refused as elsewhere, or renews the claim, so it enters anew. */
  anew: boolean;
  /** Whether the partition of that claim was sealed, or left by it, since then. */
  isLeft: boolean;
}
interface State {
  claim: Claim;
  partitions: Partition[];
  enqueuers: Enqueuer[];
  /** The highest version that the player had when it became busy. */
  seen: number;
  /** The time that has passed for sure: when a seal expires, it is above all versions before. */
  now: number;
}

const NOWHERE: Claim = { at: 0, epoch: 0, entered: true, written: false };

/** Looks at every state that can be reached, breadth first. */
export const searchClaims = (options: ModelOptions): Searched => {
  const first: State = {
    claim: NOWHERE,
    partitions: Array.from({ length: options.partitions }, () => ({ state: "idle", version: 0 })),
    enqueuers: Array.from({ length: options.enqueuers }, () => REST),
    ...{ seen: 0, now: 0 },
  };
  const known = new Set([keyOf(first)]);
  let front = [first];
  while (front.length > 0) {
    const next: State[] = [];
    for (const state of front) {
      const fault = faultOf(state, options);
      if (fault) return { states: known.size, fault };
      for (const { to, what } of stepsFrom(state, options)) {
        if (typeof to === "string") return { states: known.size, fault: `${what}: ${to}` };
        if (highest(to) > options.cap) continue;
        const key = keyOf(to);
        if (known.has(key)) continue;
        known.add(key);
        next.push(to);
      }
    }
    front = next;
  }
  return { states: known.size, fault: undefined };
};

const REST: Enqueuer = { step: "rest", to: 0, claim: NOWHERE, epoch: 0, anew: false, isLeft: false };
/** What it knew before makes no difference. */
const FORGOTTEN = { claim: NOWHERE, epoch: 0, isLeft: false };

/** Enqueuers are alike, so their order makes no other state. */
const keyOf = ({ claim, partitions, enqueuers, seen, now }: State): string => {
  const who = enqueuers.map(
    (each) => `${each.step} ${each.to} ${each.epoch} ${each.anew} ${each.isLeft} ${text(each.claim)}`,
  );
  return [text(claim), ...partitions.map(({ state, version }) => state + version), ...who.sort(), seen, now].join();
};

const text = ({ at, epoch, entered, written }: Claim): string => `${at} ${epoch} ${entered} ${written}`;

const highest = ({ claim, partitions, seen, now }: State): number =>
  Math.max(claim.epoch, seen, now, ...partitions.map(({ version }) => version));

const faultOf = (state: State, options: ModelOptions): string | undefined => {
  const busy = state.partitions.flatMap((partition, index) => (partition.state === "busy" ? [index] : []));
  if (busy.length > 1) return `busy in partitions ${busy.join(" and ")} at once`;
  for (let to = 0; to < options.partitions; to++) {
    const end = runAlone(state, to, options);
    if (end === "queued" || (end === "busy" && busy.length > 0)) continue;
    return `an enqueue into partition ${to} that nobody disturbs ends as ${end}, with ${busy.length} busy: ${JSON.stringify(state)}`;
  }
  return undefined;
};

/** Whether one who comes now, while all others pause, can enqueue. */
const runAlone = (state: State, to: number, options: ModelOptions): string => {
  let now: State = { ...state, enqueuers: [{ ...REST, step: "read", to }] };
  for (let steps = 0; steps < 30; steps++) {
    const after = stepOf(now, 0, options);
    // Faults of its versions are found where it is one of the steps.
    if (typeof after.state === "string") return "queued";
    if (after.ended) return after.ended;
    now = after.state;
  }
  return "endless";
};

interface Step {
  what: string;
  to: State | string;
}

const stepsFrom = (state: State, options: ModelOptions): Step[] => {
  const steps: Step[] = [];
  state.enqueuers.forEach((enqueuer, index) => {
    const put = (one: Enqueuer) => ({ ...state, enqueuers: state.enqueuers.with(index, one) });
    if (enqueuer.step === "rest") {
      for (let to = 0; to < options.partitions; to++) {
        // Whoever finds a claim that is to be renewed enters anew, too.
        for (const anew of [false, true]) {
          const begun = put({ ...REST, step: "read", to, anew });
          steps.push({ what: anew ? "begins, and renews" : "begins", to: stepOf(begun, index, options).state });
        }
      }
      return;
    }
    steps.push({ what: "dies", to: put(REST) });
    steps.push({ what: enqueuer.step, to: stepOf(state, index, options).state });
  });
  state.partitions.forEach(({ state: name, version }, index) => {
    const put = (partition: Partition) => ({ ...state, partitions: state.partitions.with(index, partition) });
    if (name === "busy") steps.push({ what: "its ticket ends", to: put({ state: "idle", version: version + 1 }) });
    const isActedOn = state.enqueuers.some(({ claim, isLeft }) => isLeft && claim.at === index);
    if (name === "elsewhere" && (!isActedOn || options.mutant === "seals expire too soon")) {
      steps.push({ what: "the seal expires", to: { ...put({ state: "idle", version: 0 }), now: highest(state) } });
    }
  });
  return steps;
};

/** One step of an enqueuer; `ended` says how its enqueue did, a text instead of a state what is wrong. */
const stepOf = (
  state: State,
  index: number,
  { mutant }: ModelOptions,
): { state: State | string; ended?: "queued" | "busy" | "refused" } => {
  const me = state.enqueuers[index] ?? REST;
  const goOn = (changes: Partial<Enqueuer>, more: Partial<State> = {}) => {
    const after = { ...state, ...more };
    return { state: { ...after, enqueuers: after.enqueuers.with(index, { ...me, ...changes }) } };
  };
  /** The same, where the partition of the claim is sealed or left by it. */
  const leave = (changes: Partial<Enqueuer>, more: Partial<State>) => {
    const { at } = me.claim;
    const enqueuers = state.enqueuers.map((each) =>
      each.step === "rest" || each.step === "read" || each.claim.at !== at ? each : { ...each, isLeft: true },
    );
    return goOn({ isLeft: true, ...changes }, { ...more, enqueuers });
  };
  const end = (ended: "queued" | "busy" | "refused", more: Partial<State> = {}) => ({
    ...goOn(REST, more),
    ended,
  });
  const put = (at: number, partition: Partition) => state.partitions.with(at, partition);
  const here = state.partitions[me.to] ?? { state: "idle", version: 0 };
  const there = state.partitions[me.claim.at] ?? here;
  const isUnmoved = text(state.claim) === text(me.claim);
  const leaves = me.claim.at !== me.to;

  switch (me.step) {
    case "read": {
      const claim = state.claim;
      const first = mutant === "move before seal" ? "move" : "seal";
      const step = claim.at !== me.to ? first : claim.entered && !me.anew ? "enqueue" : "enter";
      return goOn({ claim, step, epoch: mutant === "move before seal" ? claim.epoch + 1 : 0, isLeft: false });
    }
    case "seal": {
      if (there.state === "busy") return end("busy");
      const epoch =
        mutant === "seal does not raise the epoch"
          ? me.claim.epoch
          : Math.max(there.version, me.claim.epoch, state.now) + 1;
      const partitions = put(me.claim.at, { state: "elsewhere", version: Math.max(there.version, epoch) });
      if (mutant === "move before seal") return leave({ step: "enter", claim: state.claim }, { partitions });
      return leave({ step: "move", epoch }, { partitions });
    }
    case "move": {
      if (!isUnmoved && mutant !== "move without comparing") return goOn({ ...FORGOTTEN, step: "read" });
      const claim = { at: me.to, epoch: me.epoch, entered: false, written: true };
      if (mutant === "move before seal") return leave({ step: "seal" }, { claim });
      return leave({ step: "enter", claim, epoch: 0, isLeft: false }, { claim });
    }
    case "enter": {
      const isOlder = here.version < me.claim.epoch;
      const isKeptOut = here.state === "elsewhere" && !isOlder && mutant !== "enter lifts any seal";
      if (isKeptOut) return goOn({ step: "raise", epoch: here.version + 1 });
      const isLifted = here.state === "elsewhere" || (here.state === "idle" && isOlder);
      const version = mutant === "versions start anew" ? here.version : Math.max(here.version, me.claim.epoch);
      const partitions = isLifted ? put(me.to, { state: "idle", version }) : state.partitions;
      return goOn({ step: me.claim.written ? "settle" : "enqueue" }, { partitions });
    }
    case "raise": {
      const claim = { at: me.to, epoch: me.epoch, entered: false, written: true };
      return goOn({ ...FORGOTTEN, step: "read" }, isUnmoved ? { claim } : {});
    }
    case "settle": {
      if (!isUnmoved) return goOn({ ...FORGOTTEN, step: "read" });
      return goOn({ step: "enqueue" }, { claim: { ...state.claim, entered: true } });
    }
    case "enqueue": {
      if (here.state === "busy") return end("busy");
      if (here.state === "elsewhere" && mutant !== "enqueue ignores seals") {
        return mutant === "no way back in" ? end("refused") : goOn({ ...FORGOTTEN, step: "read", anew: true });
      }
      const version = Math.max(here.version, state.now) + 1;
      const isAlone = state.partitions.every((partition) => partition.state !== "busy");
      if (version <= state.seen && isAlone) return { state: `version ${version} after ${state.seen}` };
      return end("queued", { partitions: put(me.to, { state: "busy", version }), seen: version });
    }
    default:
      return { state: leaves ? "nobody steps at rest" : "nobody steps here" };
  }
};
