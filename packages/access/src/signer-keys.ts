import { exportJWK, generateKeyPair, type JWK } from "jose";
import type { Signer } from "./keys-file.ts";

/** A pair of keys with which a realm signs its players' tokens, for Ed25519. */
export const createSignerKeys = async (
  id: string,
): Promise<{ privateKey: JWK & { kid: string }; publicKey: Signer["publicKey"] }> => {
  const pair = await generateKeyPair("EdDSA", { extractable: true });
  const { kty = "", crv = "", x = "" } = await exportJWK(pair.publicKey);
  return { privateKey: { ...(await exportJWK(pair.privateKey)), kid: id }, publicKey: { kty, crv, x } };
};
