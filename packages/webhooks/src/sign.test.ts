import fc from "fast-check";
import { Webhook } from "standardwebhooks";
import { expect, it } from "vitest";
import { signedHeaders } from "./sign.ts";

const key = fc.uint8Array({ minLength: 24, maxLength: 64 });
const asSecret = (bytes: Uint8Array) => `whsec_${Buffer.from(bytes).toString("base64")}`;

it("makes signatures that the Standard Webhooks library accepts, with each of the keys", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.array(key, { minLength: 1, maxLength: 3 }), (text, keys) => {
      const body = JSON.stringify({ text });
      const headers = signedHeaders({ id: "evt_1", body }, Date.now(), keys.map(Buffer.from));
      for (const one of keys) expect(new Webhook(asSecret(one)).verify(body, headers)).toEqual({ text });
    }),
  );
});

it("makes none that it accepts for another body, id or time", () => {
  const bytes = Buffer.alloc(32, 1);
  const verifier = new Webhook(asSecret(bytes));
  const headers = signedHeaders({ id: "evt_1", body: "{}" }, Date.now(), [bytes]);
  expect(() => verifier.verify("[]", headers)).toThrow();
  expect(() => verifier.verify("{}", { ...headers, "webhook-id": "evt_2" })).toThrow();
  const earlier = String(Number(headers["webhook-timestamp"]) - 1);
  expect(() => verifier.verify("{}", { ...headers, "webhook-timestamp": earlier })).toThrow();
});
