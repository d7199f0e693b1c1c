import { once } from "node:events";
import type {
  InstantError,
  InstantReply,
  InstantSession,
  InstantStatus,
  UserProfile,
  WaitlistEntry,
} from "@muster/core";
import { Arrivals } from "./clients.ts";

/** A user of instant matching as a test needs it: it keeps every frame, and claims only what it is told to. */
export class InstantTestClient extends Arrivals {
  readonly frames: InstantReply[] = [];
  readonly texts: string[] = [];
  closed: { code: number; reason: string } | undefined;
  readonly user: string;
  readonly #socket: WebSocket;

  private constructor(port: number, user: string) {
    super();
    this.user = user;
    this.#socket = new WebSocket(`ws://127.0.0.1:${port}/v1/instant`);
    this.#socket.addEventListener("message", (event) => {
      this.texts.push(String(event.data));
      this.frames.push(JSON.parse(String(event.data)));
      this.arrived();
    });
    this.#socket.addEventListener("close", ({ code, reason }) => {
      this.closed = { code, reason };
      this.arrived();
    });
  }

  static async open(port: number, user: string): Promise<InstantTestClient> {
    const client = new InstantTestClient(port, user);
    await once(client.#socket, "open");
    return client;
  }

  get waitlist(): WaitlistEntry[] {
    return this.frames.flatMap(({ event, data }) =>
      event === "INSTANT_MATCH_WAITLIST" ? (data as WaitlistEntry[]) : [],
    );
  }

  get statuses(): InstantStatus[] {
    return this.frames.flatMap(({ event, data }) =>
      event === `INSTANT_MATCH_${this.user}` ? [data as InstantStatus] : [],
    );
  }

  get errors(): InstantError[] {
    return this.frames.flatMap(({ event, data }) => (event === "ERROR" ? [data as InstantError] : []));
  }

  /** Of the last request. */
  get alias(): string {
    return this.last("WAITING")?.alias ?? "";
  }

  get session(): InstantSession | undefined {
    return this.last("SESSION");
  }

  last<Name extends InstantStatus["status"]>(status: Name): Extract<InstantStatus, { status: Name }> | undefined {
    return this.statuses.findLast((each): each is Extract<InstantStatus, { status: Name }> => each.status === status);
  }

  count(status: InstantStatus["status"]): number {
    return this.statuses.filter((each) => each.status === status).length;
  }

  /** Waits, and is on the list. */
  async request(profile: Partial<UserProfile> = {}): Promise<string> {
    const before = this.count("WAITING");
    this.send("REQUEST_INSTANT_MATCH", { user_id: this.user, user_data: {}, user_preferences: {}, ...profile });
    await this.until(`${this.user} to wait`, () => this.count("WAITING") > before);
    return this.alias;
  }

  send(event: string, data: object = {}): void {
    this.sendText(JSON.stringify({ event, data }));
  }

  sendText(text: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(text);
  }

  sees(alias: string): Promise<void> {
    return this.until(`${this.user} to be told of ${alias}`, () => this.waitlist.some((each) => each.alias === alias));
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.until("the close", () => this.closed !== undefined);
  }
}
