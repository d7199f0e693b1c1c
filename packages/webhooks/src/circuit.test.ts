import { describe, expect, it } from "vitest";
import { createCircuit } from "./circuit.ts";

const most = { next: () => 1 };
const fail = (circuit: ReturnType<typeof createCircuit>, times: number) =>
  Array.from({ length: times }, () => circuit.failed()).filter((pause) => pause !== undefined);

describe("the circuit of an endpoint", () => {
  it("opens after five failures in a row", () => {
    const circuit = createCircuit(most);
    expect(fail(circuit, 4)).toEqual([]);
    circuit.succeeded();
    expect(fail(circuit, 4)).toEqual([]);
    expect(circuit.failed()).toBe(5_000);
    expect(circuit.state).toBe("open");
  });

  it("is not changed by tries that were under way when it opened", () => {
    const circuit = createCircuit(most);
    fail(circuit, 5);
    expect(fail(circuit, 3)).toEqual([]);
    expect(circuit.succeeded()).toBe(false);
    expect(circuit.state).toBe("open");
  });

  it("pauses twice as long each time a probe fails, up to five minutes", () => {
    const circuit = createCircuit(most);
    const pauses = fail(circuit, 5);
    for (let n = 0; n < 8; n++) {
      circuit.probe();
      pauses.push(...fail(circuit, 1));
    }
    expect(pauses).toEqual([5, 10, 20, 40, 80, 160, 300, 300, 300].map((seconds) => seconds * 1_000));
  });

  it("closes when a probe succeeds, and begins anew", () => {
    const circuit = createCircuit(most);
    fail(circuit, 5);
    circuit.probe();
    expect(circuit.succeeded()).toBe(true);
    expect(circuit.state).toBe("closed");
    expect(circuit.succeeded()).toBe(false);
    expect(fail(circuit, 5)).toEqual([5_000]);
  });
});
