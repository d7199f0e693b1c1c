/** A key or token; or what gives one each time that it is needed, as for tokens that end soon. */
export type Credential = string | (() => string | Promise<string>);

export const readCredential = async (credential: Credential | undefined): Promise<string | undefined> =>
  typeof credential === "function" ? await credential() : credential;

/** What a WebSocket with a credential offers: browsers let pages set no header, and addresses stand in logs. */
export const protocolsOf = (credential: string): string[] => ["muster.v1", `bearer.${credential}`];
