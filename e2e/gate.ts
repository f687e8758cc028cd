// A gate before a service: what it lets through, it passes on; shut, it refuses connections and cuts those that are open.

import { createServer, connect } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

export class Gate {
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #port = 0;
  /** Shuts by itself after so many bytes to the service. */
  bytesLeft = Infinity;

  private constructor(endpoint: string) {
    this.#target = new URL(endpoint);
  }

  static async before(endpoint: string): Promise<Gate> {
    const gate = new Gate(endpoint);
    await gate.open();
    return gate;
  }

  /** The same address before and after it was shut. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async open(): Promise<void> {
    const server = createServer((client) => this.#pass(client));
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
    this.bytesLeft = Infinity;
  }

  async shut(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #pass(client: Socket): void {
    const service = connect(Number(this.#target.port), this.#target.hostname);
    for (const [socket, other] of [[client, service], [service, client]] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    client.on('data', (piece) => {
      this.bytesLeft -= piece.length;
      if (this.bytesLeft < 0) void this.shut();
      else service.write(piece);
    });
    service.on('data', (piece) => client.write(piece));
  }
}
