import { Compile } from "typebox/compile";
import { allErrors } from "./all-errors.ts";
import { ConfigError, ConfigFault } from "./config-error.ts";
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
 * @throws ConfigError with every fault of the file, each with its path
 */
export const parseQueues = (input: unknown, file: string): Queues => {
  if (!queuesFile.Check(input)) {
    throw new ConfigError(
      schemaFaults(
        QueuesFile,
        allErrors(() => queuesFile.Errors(input)),
      ).map(({ path, reason }) => new ConfigFault(file, path, reason)),
    );
  }
  const queues = Object.entries(input.queues).map(([name, definition]) => toQueue(name, definition, input.regions));
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
  if (faults.length > 0) throw new ConfigError(faults);
  return new Map([...queues, ...(instant ? [toInstantQueue(instant)] : [])].map((queue) => [queue.name, queue]));
};
