import { systemClock } from "@muster/core/service";
import { type Command, Option } from "commander";
import type { Output } from "../queues/check.ts";
import {
  type CreateKeyOptions,
  createApiKey,
  createSigner,
  limitRealm,
  listKeys,
  revokeKey,
  type SignerOptions,
} from "./keys.ts";
import { makeToken, type TokenOptions } from "./token.ts";

const output: Output = { out: (line) => console.log(line), err: (line) => console.error(line) };
const fileOption = () => new Option("--file <file>", "the keys file").default("keys.json").env("MUSTER_KEYS");

export const registerKeysCommand = (program: Command): void => {
  const keys = program.command("keys").description("make, list and revoke the keys that realms call Muster with");
  keys
    .command("create")
    .description("make an API key: it is printed once, and kept as a hash")
    .requiredOption("--realm <name>", "whose it is")
    .option("--queues <names>", "the queues that it is for, as duel,ranked (default: all)")
    .option("--per-second <n>", "calls per second at most, a batch counting one for each ticket (default: any number)")
    .option("--json", "id, realm and key as JSON")
    .addOption(fileOption())
    .action(async (options: CreateKeyOptions) => {
      process.exitCode = await createApiKey(options, systemClock, output);
    });
  keys
    .command("signer")
    .description("make a pair of keys: a realm signs its players' tokens with the private one")
    .requiredOption("--realm <name>", "whose it is")
    .option("--out <file>", "where the private key goes", "signer.private.json")
    .addOption(new Option("--algorithm <name>", "how tokens are signed").choices(["EdDSA", "ES256"]).default("EdDSA"))
    .option("--json", "id, realm and the private key's file as JSON")
    .addOption(fileOption())
    .action(async (options: SignerOptions) => {
      process.exitCode = await createSigner(options, systemClock, output);
    });
  keys
    .command("limit")
    .description("bound how often all keys of a realm together may call, besides each key's own limit")
    .argument("<realm>", "whose keys")
    .option("--per-second <n>", "calls per second at most, over all orchestrators (default: any number)")
    .option("--json", "as JSON")
    .addOption(fileOption())
    .action(async (realm: string, options: { file: string; perSecond?: string; json?: boolean }) => {
      process.exitCode = await limitRealm(realm, options, output);
    });
  keys
    .command("list")
    .description("list keys, signers and realms' limits: kind, id, realm, and what they are for")
    .option("--json", "as JSON")
    .addOption(fileOption())
    .action(async (options: { file: string; json?: boolean }) => {
      process.exitCode = await listKeys(options, output);
    });
  keys
    .command("revoke")
    .description("revoke a key or a signer: it is refused within two seconds, and connections made with it end")
    .argument("<id>", "as muster keys list tells it")
    .option("--json", "as JSON")
    .addOption(fileOption())
    .action(async (id: string, options: { file: string; json?: boolean }) => {
      process.exitCode = await revokeKey(id, options, output);
    });
  program
    .command("token")
    .description("make a player's token, as its realm does after a log-in")
    .requiredOption("--player <id>", "whose it is")
    .option("--key <file>", "the realm's private key", "signer.private.json")
    .option("--for <time>", "how long it is good, up to 24h", "15m")
    .option("--json", "player, token and when it ends, as JSON")
    .action(async (options: TokenOptions) => {
      process.exitCode = await makeToken(options, systemClock, output);
    });
};
