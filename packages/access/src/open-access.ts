import { readFile, stat } from "node:fs/promises";
import { type Clock, ConfigError, ConfigFault, MusterError } from "@muster/core";
import type { Logger } from "@muster/core/service";
import { isSameHash, keyIdOf, sha256Of } from "./api-key.ts";
import type { Caller } from "./caller.ts";
import { type ApiKey, type KeysFile, parseKeysFile, type Signer } from "./keys-file.ts";
import { verifyToken } from "./player-token.ts";

/** How soon a changed file is noticed. */
const LOOK_EVERY_MS = 1_000;

/** Tells who calls. */
export interface Access {
  /** Whether callers must show who they are. */
  readonly isOn: boolean;
  /**
   * @param credential a realm's key or a player's token; undefined: the call showed none
   * @throws MusterError UNAUTHORIZED
   */
  callerOf(credential: string | undefined): Promise<Caller>;
  /** Whether who was let in would be still: its key or signer is not revoked, its token not over. */
  isGood(caller: Caller): boolean;
  /** The queues that its key is for now; undefined: all, or it has none. */
  queuesOf(caller: Caller): readonly string[] | undefined;
  /** All of these bound how often a caller may call; empty: it may call any number of times. */
  limitsOf(caller: Caller): readonly CallLimit[];
  close(): Promise<void>;
}

/** So many calls per second of all that are counted for one subject. */
export interface CallLimit {
  of: "key" | "realm" | "player";
  /** Whom to count for: of a realm, all its keys. */
  subject: string;
  perSecond: number;
}

/** Where no keys are in use. */
export const openToAnyone: Access = {
  isOn: false,
  callerOf: async () => ({ kind: "anyone" }),
  isGood: () => true,
  queuesOf: () => undefined,
  limitsOf: () => [],
  close: async () => {},
};

export interface AccessOptions {
  /** The keys file; absent: no keys are in use. */
  file: string | undefined;
  clock: Clock;
  log: Logger;
}

/**
 * Reads the keys file and follows its changes, so that keys can be added and revoked while services run. A file that is
 * faulty or gone leaves the keys of before in use, and the log says why.
 *
 * @throws ConfigError when the file can't be read now
 */
export const openAccess = async ({ file, clock, log }: AccessOptions): Promise<Access> => {
  if (file === undefined) return openToAnyone;
  let seen = await lookOf(file);
  let known = index(await readKeys(file));
  let trouble = "";

  const look = async () => {
    try {
      const now = await lookOf(file);
      if (now === seen) return;
      known = index(await readKeys(file));
      // Only now: what could not be read is tried again.
      seen = now;
      trouble = "";
      log.info({ file, keys: known.keys.size, signers: known.signers.size }, "keys were read again");
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      if (text !== trouble) log.error({ file, reason: text }, "the keys file can't be used: the keys of before stay");
      trouble = text;
    }
  };
  let looking = Promise.resolve();
  const timer = setInterval(() => {
    looking = looking.then(look);
  }, LOOK_EVERY_MS).unref();

  return {
    isOn: true,
    callerOf: async (credential) => {
      if (credential === undefined) throw unauthorized("Show a key or a token: Authorization: Bearer …");
      const id = keyIdOf(credential);
      if (id === undefined) {
        return { kind: "player", ...(await verifyToken(credential, known.signers, clock.now())) };
      }
      const key = known.keys.get(id);
      // Hashed also for an unknown id, so that the time tells nothing of which ids there are.
      const isSame = isSameHash(sha256Of(credential), key?.sha256 ?? NO_HASH);
      if (!key || !isSame) throw unauthorized("This key is not known here, or was revoked.");
      return { kind: "realm", realm: key.realm, key: id, ...(key.queues && { queues: key.queues }) };
    },
    isGood: (caller) => {
      if (caller.kind === "anyone") return true;
      if (caller.kind === "realm") return known.keys.has(caller.key);
      const { signer, until } = caller;
      return until > clock.now() && known.signers.get(signer.id)?.publicKey.x === signer.x;
    },
    queuesOf: (caller) => (caller.kind === "realm" ? known.keys.get(caller.key)?.queues : undefined),
    limitsOf: (caller) => {
      if (caller.kind === "player") return limit("player", caller.player, known.playersPerSecond);
      if (caller.kind === "anyone") return [];
      const { key, realm } = caller;
      return [
        ...limit("key", key, known.keys.get(key)?.perSecond),
        ...limit("realm", realm, known.realms.get(realm)?.perSecond),
      ];
    },
    close: async () => {
      clearInterval(timer);
      await looking;
    },
  };
};

const limit = (of: CallLimit["of"], id: string, perSecond: number | undefined): CallLimit[] =>
  perSecond === undefined ? [] : [{ of, subject: `${of}:${id}`, perSecond }];

const NO_HASH = "0".repeat(64);

interface Known {
  keys: ReadonlyMap<string, ApiKey>;
  signers: ReadonlyMap<string, Signer>;
  realms: ReadonlyMap<string, { perSecond: number }>;
  playersPerSecond: number | undefined;
}

const index = ({ keys, signers = [], realms = {}, playersPerSecond }: KeysFile): Known => ({
  keys: new Map(keys.map((key) => [key.id, key])),
  signers: new Map(signers.map((signer) => [signer.id, signer])),
  realms: new Map(Object.entries(realms)),
  playersPerSecond,
});

/** Changes whenever the file does. */
const lookOf = async (file: string): Promise<string> => {
  const { mtimeMs, size, ino } = await stat(file).catch((error: unknown) => {
    throw unreadable(file, error);
  });
  return `${mtimeMs} ${size} ${ino}`;
};

const readKeys = async (file: string): Promise<KeysFile> => {
  const text = await readFile(file, "utf8").catch((error: unknown) => {
    throw unreadable(file, error);
  });
  return parseKeysFile(text, file);
};

const unreadable = (file: string, error: unknown) =>
  new ConfigError([
    new ConfigFault(file, "the file", `can't be read: ${error instanceof Error ? error.message : String(error)}`),
  ]);

const unauthorized = (message: string) => new MusterError("UNAUTHORIZED", message);
