// Before a stand-in that takes any key: lets pass what the test account's key signed, and refuses the rest as AWS does.

import { createServer, request } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verified } from './stand-ins/signature.ts';
import type { Refusal } from './stand-ins/signature.ts';

export class SignedGate {
  /** Lines "METHOD path" of what passed. */
  readonly passed: string[] = [];
  /** Names of refusals. */
  readonly refused: string[] = [];
  readonly #server: Server;

  private constructor(target: string) {
    this.#server = createServer((incoming, response) => {
      const pieces: Buffer[] = [];
      incoming.on('data', (piece: Buffer) => pieces.push(piece));
      incoming.on('end', () => this.#answer(incoming, Buffer.concat(pieces), response, target));
    });
  }

  static async before(target: string): Promise<SignedGate> {
    const gate = new SignedGate(target);
    await new Promise<void>((resolve) => gate.#server.listen(0, '127.0.0.1', resolve));
    return gate;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(incoming: IncomingMessage, body: Buffer, response: ServerResponse, target: string): void {
    try {
      verified(incoming, body);
    } catch (error) {
      const { status, name, message } = error as Refusal;
      this.refused.push(name);
      const isDynamo = incoming.headers['x-amz-target'] !== undefined;
      response.writeHead(status, { 'content-type': isDynamo ? 'application/x-amz-json-1.0' : 'application/xml' })
        .end(isDynamo ? JSON.stringify({ __type: `com.amazon.coral.service#${name}`, message }) : `<Error><Code>${name}</Code><Message>${message}</Message></Error>`);
      return;
    }
    this.passed.push(`${incoming.method} ${incoming.url}`);
    const onward = request(new URL(incoming.url!, target), { method: incoming.method!, headers: incoming.headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    onward.end(body);
  }
}
