import { randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { type KeysFile, parseKeysFile } from "./keys-file.ts";

/**
 * Changes the keys file; services that run see it whole, as it was before or as it is then. One that isn't there begins
 * empty. It holds no secrets, but is for its owner alone.
 *
 * @throws ConfigError when the file, as it is or as it would be, is faulty
 */
export const editKeysFile = async (file: string, edit: (known: KeysFile) => KeysFile): Promise<KeysFile> => {
  const edited = edit(await readKeysFile(file));
  const text = `${JSON.stringify(edited, null, 2)}\n`;
  parseKeysFile(text, file);
  const beside = `${file}.${randomBytes(4).toString("hex")}`;
  await writeFile(beside, text, { mode: 0o600, flag: "wx" });
  await rename(beside, file);
  return edited;
};

/** @throws ConfigError when it is faulty */
export const readKeysFile = async (file: string): Promise<KeysFile> => {
  try {
    return parseKeysFile(await readFile(file, "utf8"), file);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return { keys: [] };
    throw error;
  }
};
