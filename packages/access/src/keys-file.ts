import { ConfigError, ConfigFault, fieldFaults, QUEUE_NAME_PATTERN } from "@muster/core";
import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";

const REALM_PATTERN = "^[a-z0-9][a-z0-9.-]{0,63}$";
const Realm = Type.String({ pattern: REALM_PATTERN, description: "Name of the realm, for logs." });
const CreatedAt = Type.Optional(Type.String({ description: "When it was made, as 2026-01-31T12:00:00Z." }));

const ApiKey = Type.Object(
  {
    id: Type.String({ pattern: "^[a-z0-9]{8}$" }),
    realm: Realm,
    sha256: Type.String({
      pattern: "^[0-9a-f]{64}$",
      description: "Of the key's text; the key itself is nowhere kept.",
    }),
    queues: Type.Optional(
      Type.Array(Type.String({ pattern: QUEUE_NAME_PATTERN }), {
        minItems: 1,
        description: "What the key is for; absent: all queues.",
      }),
    ),
    perSecond: Type.Optional(
      Type.Integer({ minimum: 1, description: "Calls per second, over all orchestrators. Absent: no limit." }),
    ),
    createdAt: CreatedAt,
  },
  { additionalProperties: false },
);

const Signer = Type.Object(
  {
    id: Type.String({ pattern: "^[A-Za-z0-9_.-]{1,64}$", description: "The kid in a token's header." }),
    realm: Realm,
    publicKey: Type.Object(
      { kty: Type.String(), crv: Type.String(), x: Type.String(), y: Type.Optional(Type.String()) },
      { description: "A JWK: of Ed25519 for EdDSA, or of P-256 for ES256." },
    ),
    createdAt: CreatedAt,
  },
  { additionalProperties: false },
);

const RealmLimits = Type.Object(
  {
    perSecond: Type.Integer({
      minimum: 1,
      description: "Calls per second with all keys of the realm together, over all orchestrators.",
    }),
  },
  { additionalProperties: false },
);

/** Who may call Muster: realms by their keys, and players by tokens that realms sign. */
export const KeysFile = Type.Object(
  {
    keys: Type.Array(ApiKey),
    signers: Type.Optional(Type.Array(Signer)),
    realms: Type.Optional(
      Type.Record(Type.String({ pattern: REALM_PATTERN }), RealmLimits, {
        additionalProperties: false,
        description: "What bounds a realm as a whole, by its name; one that is not named has no bound but its keys'.",
      }),
    ),
    playersPerSecond: Type.Optional(
      Type.Integer({ minimum: 1, description: "Calls per second of each player, over all orchestrators." }),
    ),
  },
  { additionalProperties: false },
);
export type KeysFile = Static<typeof KeysFile>;
export type ApiKey = Static<typeof ApiKey>;
export type Signer = Static<typeof Signer>;

const check = Compile(KeysFile);

/** @throws ConfigError with every fault, each with the file's name and its path in it */
export const parseKeysFile = (text: string, file: string): KeysFile => {
  const parsed = parseJson(text, file);
  if (!check.Check(parsed)) {
    const faults = fieldFaults(check.Errors(parsed), "the file");
    throw new ConfigError(faults.map(({ field, message }) => new ConfigFault(file, field, message)));
  }
  const faults = [...repeated(parsed.keys, "keys"), ...repeated(parsed.signers ?? [], "signers")];
  if (faults.length > 0) throw new ConfigError(faults.map(([field, reason]) => new ConfigFault(file, field, reason)));
  return parsed;
};

const parseJson = (text: string, file: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([new ConfigFault(file, "the file", `is not JSON: ${reason}`)]);
  }
};

const repeated = (items: readonly { id: string }[], list: string): [field: string, reason: string][] =>
  items.flatMap(({ id }, index): [string, string][] =>
    items.findIndex((other) => other.id === id) < index ? [[`${list}[${index}].id`, `"${id}" is there twice`]] : [],
  );
