import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { createKey, createSignerKeys, editKeysFile, readKeysFile } from "@muster/access";
import { type Clock, ConfigError } from "@muster/core";
import { EXIT } from "../exit-codes.ts";
import type { Output } from "../queues/check.ts";

export interface CreateKeyOptions {
  file: string;
  realm: string;
  /** Names with commas between; absent: all queues. */
  queues?: string;
  perSecond?: string;
  json?: boolean;
}

/** `muster keys create`. @returns the exit code */
export const createApiKey = (options: CreateKeyOptions, clock: Clock, output: Output): Promise<number> =>
  orFaults(output, async () => {
    const { id, text, sha256 } = createKey();
    const { file, realm, queues, perSecond } = options;
    const key = {
      ...{ id, realm, sha256, createdAt: new Date(clock.now()).toISOString() },
      ...(queues !== undefined && { queues: queues.split(",").map((queue) => queue.trim()) }),
      ...(perSecond !== undefined && { perSecond: Number(perSecond) }),
    };
    await editKeysFile(file, (known) => ({ ...known, keys: [...known.keys, key] }));
    output.err(`A key for ${realm}, kept as a hash in ${file}. It is shown this once:`);
    output.out(options.json ? JSON.stringify({ id, realm, key: text }) : text);
    return EXIT.ok;
  });

/** `muster keys limit`: of all keys of a realm together; without a number there is none. @returns the exit code */
export const limitRealm = (
  realm: string,
  { file, perSecond, json }: { file: string; perSecond?: string; json?: boolean },
  output: Output,
): Promise<number> =>
  orFaults(output, async () => {
    await editKeysFile(file, ({ realms = {}, ...known }) => {
      const { [realm]: _, ...others } = realms;
      return {
        ...known,
        realms: { ...others, ...(perSecond !== undefined && { [realm]: { perSecond: Number(perSecond) } }) },
      };
    });
    const words = `All keys of ${realm} together may call ${perSecond === undefined ? "any number of times" : `${perSecond} times a second`}.`;
    output.out(json ? JSON.stringify({ realm, perSecond: perSecond === undefined ? null : Number(perSecond) }) : words);
    return EXIT.ok;
  });

/** `muster keys list`. @returns the exit code */
export const listKeys = ({ file, json }: { file: string; json?: boolean }, output: Output): Promise<number> =>
  orFaults(output, async () => {
    const { keys, signers = [], realms = {} } = await readKeysFile(file);
    const listed = [
      ...keys.map(({ sha256: _, ...key }) => ({ kind: "key", ...key })),
      ...signers.map(({ publicKey: _, ...signer }) => ({ kind: "signer", ...signer })),
      ...Object.entries(realms).map(([realm, limits]) => ({ kind: "realm", realm, ...limits })),
    ];
    if (json) output.out(JSON.stringify(listed));
    else for (const each of listed) output.out(Object.values(each).map(String).join("  "));
    return EXIT.ok;
  });

/** `muster keys revoke`: of a key or a signer. @returns the exit code */
export const revokeKey = (
  id: string,
  { file, json }: { file: string; json?: boolean },
  output: Output,
): Promise<number> =>
  orFaults(output, async () => {
    const without = <Item extends { id: string }>(items: Item[]) => items.filter((item) => item.id !== id);
    const { keys, signers = [] } = await readKeysFile(file);
    if (without(keys).length === keys.length && without(signers).length === signers.length) {
      output.err(`${file} has no key or signer "${id}": muster keys list tells which there are.`);
      return EXIT.failed;
    }
    await editKeysFile(file, (known) => ({
      ...known,
      keys: without(known.keys),
      ...(known.signers && { signers: without(known.signers) }),
    }));
    const words = `${id} is revoked: services that run refuse it within two seconds, and end its connections.`;
    output.out(json ? JSON.stringify({ id, revoked: true }) : words);
    return EXIT.ok;
  });

export interface SignerOptions {
  file: string;
  realm: string;
  out: string;
  algorithm?: "EdDSA" | "ES256";
  json?: boolean;
}

/** `muster keys signer`: a pair of keys to sign players' tokens with. @returns the exit code */
export const createSigner = (
  { file, realm, out, algorithm, json }: SignerOptions,
  clock: Clock,
  output: Output,
): Promise<number> =>
  orFaults(output, async () => {
    const id = `s_${randomBytes(4).toString("hex")}`;
    const { privateKey, publicKey } = await createSignerKeys(id, algorithm);
    // Before the public one counts; and never over another.
    await writeFile(out, `${JSON.stringify(privateKey, null, 2)}\n`, { mode: 0o600, flag: "wx" });
    const signer = { id, realm, publicKey, createdAt: new Date(clock.now()).toISOString() };
    await editKeysFile(file, (known) => ({ ...known, signers: [...(known.signers ?? []), signer] }));
    const words = `${id}: the private key is in ${out}, for ${realm} alone; the public one in ${file}.`;
    output.out(json ? JSON.stringify({ id, realm, privateKeyFile: out }) : words);
    return EXIT.ok;
  });

const orFaults = async ({ err }: Output, work: () => Promise<number>): Promise<number> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ConfigError) {
      for (const fault of error.faults) err(String(fault));
      return EXIT.config;
    }
    // Of the file system: it names the file and what is wrong.
    if (!(error instanceof Error && "code" in error)) throw error;
    err(error.message);
    return EXIT.failed;
  }
};
