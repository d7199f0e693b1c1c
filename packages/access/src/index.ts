export { createKey, type NewKey } from "./api-key.ts";
export { type Caller, requireQueue, requireRealm, requireSelf } from "./caller.ts";
export { credentialOf, SUBPROTOCOL } from "./credentials.ts";
export { editKeysFile, readKeysFile } from "./edit-keys-file.ts";
export { type ApiKey, KeysFile, parseKeysFile, type Signer } from "./keys-file.ts";
export { type Access, type AccessOptions, type CallLimit, openAccess, openToAnyone } from "./open-access.ts";
export { createOriginRule, originSettings, type RequireOrigin } from "./origins.ts";
export { AUDIENCE, MAX_TOKEN_S, signToken } from "./player-token.ts";
export { createSignerKeys } from "./signer-keys.ts";
