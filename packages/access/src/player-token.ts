import { isId, MusterError } from "@muster/core";
import { decodeProtectedHeader, errors, importJWK, type JWK, jwtVerify, SignJWT } from "jose";
import type { Signer } from "./keys-file.ts";

/** What tokens are for: one made for another service is not taken. */
export const AUDIENCE = "muster";
/** Longer ones are refused: a token can't be taken back, so it must end soon. */
export const MAX_TOKEN_S = 24 * 60 * 60;
const ALGORITHMS = ["EdDSA", "ES256"];
/** By which clocks may differ. */
const TOLERANCE_S = 5;

export interface PlayerToken {
  player: string;
  /** Of the signer. */
  realm: string;
  signer: { id: string; x: string };
  /** ms since the epoch. */
  until: number;
}

/** @throws MusterError UNAUTHORIZED with what is wrong with the token, never with the token itself */
export const verifyToken = async (
  token: string,
  signers: ReadonlyMap<string, Signer>,
  now: number,
): Promise<PlayerToken> => {
  const signer = signers.get(kidOf(token));
  if (!signer) throw refused("its kid names no signer of the keys file");
  const { payload } = await jwtVerify(token, await importJWK(signer.publicKey as JWK, algorithmOf(signer)), {
    algorithms: ALGORITHMS,
    audience: AUDIENCE,
    requiredClaims: ["sub", "exp", "iat"],
    maxTokenAge: MAX_TOKEN_S,
    clockTolerance: TOLERANCE_S,
    currentDate: new Date(now),
  }).catch((error: unknown) => {
    throw refused(reasonOf(error));
  });
  const { sub = "", exp = 0, iat = 0 } = payload;
  if (!isId(sub)) throw refused("its sub is no player's id");
  if (exp - iat > MAX_TOKEN_S) throw refused(`it is good for more than ${MAX_TOKEN_S / 3_600} hours`);
  const { id, realm, publicKey } = signer;
  return { player: sub, realm, signer: { id, x: publicKey.x }, until: exp * 1_000 };
};

/**
 * A token for a player, as a realm makes it.
 *
 * @param privateKey a JWK with kid
 * @throws TypeError when the key can't sign
 */
export const signToken = async (
  player: string,
  privateKey: JWK & { kid: string },
  forS: number,
  now: number,
): Promise<string> => {
  const alg = algorithmOf({ publicKey: privateKey });
  const iat = Math.floor(now / 1_000);
  return new SignJWT()
    .setProtectedHeader({ alg, kid: privateKey.kid })
    .setSubject(player)
    .setAudience(AUDIENCE)
    .setIssuedAt(iat)
    .setExpirationTime(iat + forS)
    .sign(await importJWK(privateKey, alg));
};

const algorithmOf = ({ publicKey }: { publicKey: { kty?: string | undefined } }): string =>
  publicKey.kty === "OKP" ? "EdDSA" : "ES256";

const kidOf = (token: string): string => {
  try {
    return String(decodeProtectedHeader(token).kid);
  } catch {
    throw refused("it is no JWT");
  }
};

const reasonOf = (error: unknown): string => {
  if (error instanceof errors.JWTExpired) return "it has expired: get another";
  if (error instanceof errors.JWTClaimValidationFailed) return `its claim ${error.claim} is not as it must be`;
  if (error instanceof errors.JWSSignatureVerificationFailed) return "its signature is not the signer's";
  return "it can't be verified";
};

const refused = (reason: string) => new MusterError("UNAUTHORIZED", `This player's token is not good: ${reason}.`);
