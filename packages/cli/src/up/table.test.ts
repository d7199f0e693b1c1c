import { expect, it } from "vitest";
import { systemTable } from "./table.ts";

it("shows each process with its role, pid, address and note", () => {
  const table = systemTable([
    { role: "redis", name: "redis", pid: undefined, address: "db:6379", note: "runs elsewhere" },
    { role: "mover", name: "mover-1", pid: 42, address: "127.0.0.1:7405", note: "leads" },
  ]);
  const rows = table.split("\n").filter((line) => line.startsWith("│"));
  expect(
    rows.map((row) =>
      row
        .split("│")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    ),
  ).toEqual([
    ["role", "name", "pid", "address", "note"],
    ["redis", "redis", "-", "db:6379", "runs elsewhere"],
    ["mover", "mover-1", "42", "127.0.0.1:7405", "leads"],
  ]);
});
