import { Compile } from "typebox/compile";
import { allErrors } from "./all-errors.ts";
import { ConfigError, ConfigFault } from "./config-error.ts";
import { DEFAULT_PARTITION } from "./ids.ts";
import { instantFaults } from "./instant/instant-definition.ts";
import { INSTANT_QUEUE, toInstantQueue } from "./instant/instant-queue.ts";
import { type Queues, QueuesFile, toQueue } from "./queue-definition.ts";
import { queueFaults } from "./queue-faults.ts";
import { schemaFaults } from "./schema-faults.ts";

const queuesFile = Compile(QueuesFile);

/**
 * Checks a parsed queues file.
 *
 * @param file name to use in faults
 * @param home the deployment's own partition; a queue that names it is as one that names none
 * @throws ConfigError with every fault of the file, each with its path
 */
export const parseQueues = (input: unknown, file: string, home: string = DEFAULT_PARTITION): Queues => {
  if (!queuesFile.Check(input)) {
    throw new ConfigError(
      schemaFaults(
        QueuesFile,
        allErrors(() => queuesFile.Errors(input)),
      ).map(({ path, reason }) => new ConfigFault(file, path, reason)),
    );
  }
  const queues = Object.entries(input.queues).map(([name, definition]) =>
    toQueue(name, withoutHome(definition, home), input.regions),
  );
  const faults = queues.flatMap((queue) =>
    queueFaults(queue).map(([path, reason]) => new ConfigFault(file, `/queues/${queue.name}${path}`, reason)),
  );
  const { instant } = input;
  if (instant) {
    faults.push(...instantFaults(instant).map(([path, reason]) => new ConfigFault(file, `/instant${path}`, reason)));
    if (queues.some(({ name }) => name === INSTANT_QUEUE)) {
      const reason = "is the name of the queue that /instant makes; give this one another name";
      faults.push(new ConfigFault(file, `/queues/${INSTANT_QUEUE}`, reason));
    }
  }
  const all = [...queues, ...(instant ? [toInstantQueue(withoutHome(instant, home))] : [])];
  if (all.every(({ partition }) => partition !== undefined)) {
    const names = [...new Set(all.map(({ partition }) => partition))].join(", ");
    const reason = `name partitions (${names}), none the deployment's own, "${home}": set MUSTER_PARTITION to one of them`;
    faults.push(new ConfigFault(file, "/queues", reason));
  }
  if (faults.length > 0) throw new ConfigError(faults);
  return new Map(all.map((queue) => [queue.name, queue]));
};

/** A definition without its partition where that is the deployment's own. */
const withoutHome = <Definition extends { partition?: string }>(definition: Definition, home: string): Definition => {
  if (definition.partition !== home) return definition;
  const { partition: _, ...rest } = definition;
  return rest as Definition;
};
