import { readFile } from "node:fs/promises";
import { ConfigError, ConfigFault, fieldFaults } from "@muster/core";
import type { Static, TSchema } from "typebox";
import { Value } from "typebox/value";
import { type Hook, HooksFile, SecretsFile, toHook } from "./hook.ts";

const SECRETS = "MUSTER_WEBHOOK_SECRETS";

/**
 * Reads the file of hooks and their secrets.
 *
 * @param secrets a JSON object, or the path of a file that holds it
 * @throws ConfigError with every fault; none of them shows a secret
 */
export const readHooks = async (file: string, secrets: string): Promise<Hook[]> => {
  const isInline = secrets.trimStart().startsWith("{");
  const [hooks, bySecret] = await Promise.all([
    readText(file, "MUSTER_WEBHOOKS").then((text) => parse(HooksFile, text, file)),
    (isInline ? Promise.resolve(secrets) : readText(secrets, SECRETS)).then((text) =>
      parse(SecretsFile, text, isInline ? SECRETS : secrets),
    ),
  ]);
  const faults = hooks.flatMap(({ id, url }, index) => {
    const found: ConfigFault[] = [];
    if (hooks.findIndex((hook) => hook.id === id) < index) {
      found.push(new ConfigFault(file, `[${index}].id`, `there is another hook named ${id}`));
    }
    if (!URL.canParse(url)) found.push(new ConfigFault(file, `[${index}].url`, "is no URL"));
    else if (new URL(url).username || new URL(url).password) {
      found.push(new ConfigFault(file, `[${index}].url`, "must not hold a password: it is shown; messages are signed"));
    }
    if (!bySecret[id]) {
      found.push(new ConfigFault(isInline ? SECRETS : secrets, id, "has no secret; openssl rand -base64 32 makes one"));
    }
    return found;
  });
  if (faults.length > 0) throw new ConfigError(faults);
  return hooks.map((hook) => toHook(hook, [bySecret[hook.id] ?? []].flat()));
};

const readText = (file: string, setting: string): Promise<string> =>
  readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === "ENOENT" ? `no such file; set ${setting}` : (error.code ?? "can't be read");
    throw new ConfigError([new ConfigFault(file, "/", reason)]);
  });

const parse = <Schema extends TSchema>(schema: Schema, text: string, source: string): Static<Schema> => {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    // The parser's own words quote the text, which may be a secret.
    throw new ConfigError([new ConfigFault(source, "/", "is not JSON")]);
  }
  if (Value.Check(schema, input)) return input;
  const faults = fieldFaults(Value.Errors(schema, input), "/");
  throw new ConfigError(faults.map(({ field, message }) => new ConfigFault(source, field, message)));
};
