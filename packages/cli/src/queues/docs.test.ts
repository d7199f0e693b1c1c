import { readFileSync } from "node:fs";
import { isInstant, matchSize, parseQueues, type WaitingTicket } from "@muster/core";
import { checkQueue, findMatches } from "@muster/matching";
import { expect, it } from "vitest";

const page = readFileSync(new URL("../../../../docs/queues.md", import.meta.url), "utf8");
const examples = [...page.matchAll(/^## (.+)\n\n```json\n([\s\S]*?)```/gm)].map(([, title = "", file = ""]) => ({
  ...{ title, file },
}));

it("docs/queues.md has its examples", () => {
  expect(examples).toHaveLength(7);
});

it.each(examples)("docs/queues.md: $title is without fault, and a full match of it is found", ({ title, file }) => {
  for (const queue of parseQueues(JSON.parse(file), title).values()) {
    if (isInstant(queue)) continue;
    expect(checkQueue(queue)).toEqual([]);
    const roles = ["tank", "healer", "dps", "dps", "dps"];
    const tickets = Array.from({ length: matchSize(queue) }, (_, index): WaitingTicket => {
      const id = `p${index}`;
      const role = queue.name === "arena" ? { roles: [roles[index % 5] ?? "dps"] } : {};
      return {
        ...{ id: `t${index}`, version: 1, tries: 0, elo: 1_000, createdAt: 0 },
        players: [{ id, elo: 1_000, avgPingMs: 40, ...role }],
      };
    });
    const ids = { match: () => "m_1" };
    const { proposals } = findMatches({ queue, serve: tickets, candidates: [], now: 0, ids });
    expect(proposals.map(({ tickets: taken }) => taken.length)).toEqual([tickets.length]);
  }
});
