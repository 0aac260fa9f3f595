/** @file A server on 127.0.0.1, at a port that is free. */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

export interface Server {
  /** `http://127.0.0.1:4711` */
  readonly origin: string;
  /** Ends it, and what it still answers. */
  close(): Promise<void>;
}

export async function listening(listener: RequestListener): Promise<Server> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
