import type { IncomingMessage, ServerResponse } from "node:http";
import type { Delta } from "./view/frames.ts";
import type { Watch } from "./view/watch.ts";

/** Frames that a page which lost its connection can be sent again. */
const REMEMBERED = 100;
const PULSE_MS = 15_000;
/** A page that reads so slowly is cut: it comes back and begins with a snapshot. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;
const MAX_PAGES = 200;

/**
 * The frames as server-sent events, each encoded once for all pages.
 *
 * @param epoch new with each start: a page that comes back with an id of another process begins anew
 */
export const openStream = (watch: Pick<Watch, "onFrame" | "snapshot">, epoch: string) => {
  const pages = new Set<ServerResponse>();
  const remembered: { seq: number; text: string }[] = [];
  /** Frames since a page was open. */
  let unseen = REMEMBERED;

  const send = (page: ServerResponse, text: string) => {
    if (page.writableLength > MAX_BUFFERED_BYTES) page.destroy();
    else page.write(text);
  };
  const forget = watch.onFrame((frame) => {
    unseen = pages.size > 0 ? 0 : unseen + 1;
    if (unseen > REMEMBERED) {
      // No page can ask for it any more.
      remembered.length = 0;
      return;
    }
    const text = encode(epoch, frame);
    remembered.push({ seq: frame.seq, text });
    if (remembered.length > REMEMBERED) remembered.shift();
    for (const page of pages) send(page, text);
  });
  const pulse = setInterval(() => {
    for (const page of pages) send(page, ": still here\n\n");
  }, PULSE_MS).unref();

  return {
    get pages() {
      return pages.size;
    },
    /** @returns false when as many pages are open as may be */
    open: (request: IncomingMessage, response: ServerResponse): boolean => {
      if (pages.size >= MAX_PAGES) return false;
      response.writeHead(200, {
        "content-type": "text/event-stream",
        "cache-control": "no-store",
        // nginx would keep frames back until a buffer is full.
        "x-accel-buffering": "no",
      });
      const [of, number] = String(request.headers["last-event-id"] ?? "").split("-");
      const last = of === epoch ? Number(number) : Number.NaN;
      const missed = remembered.filter(({ seq }) => seq > last);
      const snapshot = watch.snapshot();
      const canResume = last <= snapshot.seq && (missed[0]?.seq === last + 1 || last === snapshot.seq);
      if (canResume) for (const { text } of missed) response.write(text);
      else response.write(encode(epoch, snapshot));
      pages.add(response);
      unseen = 0;
      response.on("close", () => pages.delete(response));
      return true;
    },
    close: () => {
      forget();
      clearInterval(pulse);
      for (const page of pages) page.end();
    },
  };
};

const encode = (epoch: string, frame: Delta | ReturnType<Watch["snapshot"]>): string =>
  `id: ${epoch}-${frame.seq}\ndata: ${JSON.stringify(frame)}\n\n`;
