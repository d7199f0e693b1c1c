import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";

/** A port that nobody listens on, for now. */
export const freePort = async (): Promise<number> => {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  // A TCP server's address is always an AddressInfo once it listens.
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
};
