import { exportJWK, generateKeyPair, type JWK } from "jose";
import type { Signer } from "./keys-file.ts";

/** A pair of keys with which a realm signs its players' tokens: for EdDSA of Ed25519, for ES256 of P-256. */
export const createSignerKeys = async (
  id: string,
  algorithm: "EdDSA" | "ES256" = "EdDSA",
): Promise<{ privateKey: JWK & { kid: string }; publicKey: Signer["publicKey"] }> => {
  const pair = await generateKeyPair(algorithm, { extractable: true });
  const { kty = "", crv = "", x = "", y } = await exportJWK(pair.publicKey);
  return {
    privateKey: { ...(await exportJWK(pair.privateKey)), kid: id },
    publicKey: { kty, crv, x, ...(y !== undefined && { y }) },
  };
};
