import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * An API key as its realm holds it: `mk_<id>_<secret>`. The id finds its record; the secret has 256 bits of chance. That
 * is why a plain SHA-256 is kept of it: a slow hash protects words that people choose, and nobody guesses this.
 */
const KEY = /^mk_([a-z0-9]{8})_([A-Za-z0-9_-]{43})$/;

export interface NewKey {
  id: string;
  /** To be shown once: only its hash is kept. */
  text: string;
  sha256: string;
}

export const createKey = (): NewKey => {
  const id = randomBytes(4).toString("hex");
  const text = `mk_${id}_${randomBytes(32).toString("base64url")}`;
  return { id, text, sha256: sha256Of(text) };
};

export const sha256Of = (text: string): string => createHash("sha256").update(text).digest("hex");

/** The id in a key's text; undefined for what is no key. */
export const keyIdOf = (text: string): string | undefined => KEY.exec(text)?.[1];

/** In constant time. Both are SHA-256 in hex. */
export const isSameHash = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one, "hex"), Buffer.from(other, "hex")];
  return a.length === b.length && timingSafeEqual(a, b);
};
