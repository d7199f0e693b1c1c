import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { followStream, type Source } from "./reopening-source.ts";

class FakeSource implements Source {
  static made: FakeSource[] = [];
  readyState = 0;
  readonly #listeners = new Map<string, (event: { data: string }) => void>();
  constructor() {
    FakeSource.made.push(this);
  }
  addEventListener(type: string, listener: (event: { data: string }) => void): void {
    this.#listeners.set(type, listener);
  }
  say(type: "open" | "message", data = ""): void {
    this.#listeners.get(type)?.({ data });
  }
  fail(readyState: number): void {
    this.readyState = readyState;
    this.#listeners.get("error")?.({ data: "" });
  }
  close(): void {
    this.readyState = 2;
  }
}
const newest = () => FakeSource.made.at(-1) as FakeSource;
let told: string[];
let end: () => void;
beforeEach(() => {
  vi.useFakeTimers();
  [FakeSource.made, told] = [[], []];
  end = followStream(() => new FakeSource(), {
    opened: () => told.push("opened"),
    lost: () => told.push("lost"),
    message: (data) => told.push(data),
  });
});
afterEach(() => {
  end();
  vi.useRealTimers();
});

it("leaves it to the browser to make a lost connection anew", () => {
  newest().say("open");
  newest().say("message", "a");
  newest().fail(0);
  vi.advanceTimersByTime(60_000);
  expect(FakeSource.made).toHaveLength(1);
  newest().say("open");
  expect(told).toEqual(["opened", "a", "lost", "opened"]);
});

it("opens another once the browser gave up, later after each failure, until it is there again", () => {
  for (const waitMs of [500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]) {
    const { length } = FakeSource.made;
    newest().fail(2);
    vi.advanceTimersByTime(waitMs - 1);
    expect(FakeSource.made).toHaveLength(length);
    vi.advanceTimersByTime(1);
    expect(FakeSource.made).toHaveLength(length + 1);
  }
  newest().say("open");
  newest().say("message", "anew");
  expect(told.slice(-2)).toEqual(["opened", "anew"]);
  newest().fail(2);
  vi.advanceTimersByTime(500);
  expect(FakeSource.made).toHaveLength(9);
});

it("opens none after its end", () => {
  newest().fail(2);
  end();
  vi.advanceTimersByTime(60_000);
  expect(FakeSource.made).toHaveLength(1);
});
