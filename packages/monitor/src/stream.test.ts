import { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { expect, it } from "vitest";
import { openStream } from "./stream.ts";
import type { Delta } from "./view/frames.ts";
import type { Watch } from "./view/watch.ts";

class Page extends EventEmitter {
  readonly texts: string[] = [];
  writableLength = 0;
  writeHead() {}
  write(text: string) {
    this.texts.push(text);
  }
  end() {}
}

const start = () => {
  let [seq, encoded] = [0, 0];
  let tell: (frame: Delta) => void = () => {};
  const counted = (kind: string) => ({ kind, seq, toJSON: () => ({ kind, count: ++encoded }) });
  const watch = {
    onFrame: (listener: (frame: Delta) => void) => {
      tell = listener;
      return () => {};
    },
    snapshot: () => counted("snapshot"),
  } as unknown as Pick<Watch, "onFrame" | "snapshot">;
  const stream = openStream(watch, "e");
  const open = (lastEventId?: string) => {
    const page = new Page();
    const headers = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
    stream.open({ headers } as unknown as IncomingMessage, page as unknown as ServerResponse);
    return page;
  };
  const frame = (times = 1) => {
    for (let n = 0; n < times; n++) {
      seq += 1;
      tell(counted("delta") as unknown as Delta);
    }
  };
  return { stream, open, frame, encoded: () => encoded };
};

it("encodes frames while a page is open, and as long after it as it may come back for them", () => {
  const { stream, open, frame, encoded } = start();
  frame(300);
  expect(encoded()).toBe(0);
  const page = open();
  frame(2);
  expect([page.texts.length, encoded()]).toEqual([3, 3]);
  page.emit("close");
  frame(3);
  const back = open("e-302");
  expect(back.texts.map((text) => text.split("\n")[0])).toEqual(["id: e-303", "id: e-304", "id: e-305"]);
  back.emit("close");
  const before = encoded();
  frame(1_000);
  expect(encoded() - before).toBe(100);
  // What it missed is known no more.
  expect(open("e-305").texts.join("")).toContain("snapshot");
  stream.close();
});
