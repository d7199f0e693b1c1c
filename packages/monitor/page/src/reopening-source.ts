/** The part of an EventSource that is used. */
export interface Source {
  readonly readyState: number;
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { data: string }) => void): void;
  close(): void;
}

export interface SourceListener {
  opened(): void;
  lost(): void;
  message(data: string): void;
}

const CLOSED = 2;
const BACK_OFF = { firstMs: 500, mostMs: 10_000 };

/**
 * Follows a stream for as long as the page is open. The browser makes a lost connection anew by itself, and says where it
 * had come to; but it gives up for good when the answer is an error, as a proxy's is while the server restarts. Then a new
 * one is opened, later after each failure, and begins with a snapshot.
 *
 * @returns what ends it
 */
export const followStream = (open: () => Source, listener: SourceListener): (() => void) => {
  let current: Source;
  let failures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const begin = () => {
    const source = open();
    current = source;
    source.addEventListener("open", () => {
      failures = 0;
      listener.opened();
    });
    source.addEventListener("message", ({ data }) => listener.message(data));
    source.addEventListener("error", () => {
      listener.lost();
      if (source.readyState !== CLOSED) return;
      timer = setTimeout(begin, Math.min(BACK_OFF.mostMs, BACK_OFF.firstMs * 2 ** failures));
      failures += 1;
    });
  };
  begin();
  return () => {
    clearTimeout(timer);
    current.close();
  };
};
