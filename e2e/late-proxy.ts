// A way to S3 on which one upload is late: it is held back until it is let go, whatever becomes of who sent it.

import { createServer, request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export class LateProxy {
  /** The path of the upload that is held, once there is one. */
  readonly held: Promise<string>;
  readonly #server: Server;
  readonly #target: URL;
  readonly #held = Promise.withResolvers<string>();
  readonly #let = Promise.withResolvers<void>();
  readonly #stored = Promise.withResolvers<number>();
  #uploadsBefore: number;

  private constructor(target: string, uploadsBefore: number) {
    this.#target = new URL(target);
    this.#uploadsBefore = uploadsBefore;
    this.held = this.#held.promise;
    this.#server = createServer((incoming, outgoing) => {
      this.#pass(incoming, outgoing).catch(() => outgoing.destroy());
    });
  }

  /** Holds the upload that follows so many others. */
  static async before(target: string, uploadsBefore: number): Promise<LateProxy> {
    const proxy = new LateProxy(target, uploadsBefore);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Lets the upload go on; what S3 answered. */
  letGo(): Promise<number> {
    this.#let.resolve();
    return this.#stored.promise;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of incoming) pieces.push(piece as Buffer);
    const isHeld = incoming.method === 'PUT' && this.#uploadsBefore-- === 0;
    if (isHeld) {
      this.#held.resolve(incoming.url!);
      await this.#let.promise;
    }
    const { hostname, port } = this.#target;
    const asked = request({ hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers }, (answer) => {
      if (isHeld) this.#stored.resolve(answer.statusCode!);
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    asked.on('error', () => outgoing.destroy());
    asked.end(Buffer.concat(pieces));
  }
}
