import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** These use a real Redis and a real nginx, so one file runs after the other, and each group after the one before. */
const realServers = { fileParallelism: false, testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    passWithNoTests: false,
    projects: [
      {
        test: {
          name: "unit",
          // Many start a Redis of their own, and the machine may be busy with others' work.
          ...{ testTimeout: 20_000, hookTimeout: 30_000 },
          // Vitest would leave one core to itself, but most of the time tests wait for Redis and for processes.
          maxWorkers: availableParallelism(),
          include: [
            "packages/*/src/**/*.test.ts",
            "packages/monitor/page/src/**/*.test.ts",
            "bench/**/*.test.ts",
            "scripts/**/*.test.ts",
            "deploy/**/*.test.ts",
            "test/model/**/*.test.ts",
          ],
          // Not 0: where one worker is all there is, vitest runs the files of group 0 last.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...realServers,
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          ...realServers,
          name: "e2e",
          include: ["test/e2e/**/*.test.ts", "test/faults/**/*.test.ts", "test/fuzz/**/*.test.ts"],
          sequence: { groupOrder: 3 },
        },
      },
      // Only when it is asked for, and last: it installs much and takes minutes.
      ...(process.env.MUSTER_TEST_DEPLOY === "1"
        ? [
            {
              test: {
                ...realServers,
                name: "deploy",
                include: ["test/deploy/**/*.test.ts"],
                sequence: { groupOrder: 4 },
              },
            },
          ]
        : []),
    ],
  },
});
