import { request } from 'node:http';
import { serverError } from '../errors.ts';

const TIMEOUT_MILLIS = 10_000;

/** One JSON request to a Unix socket of the engine. Throws ENGINE_UNREACHABLE, also when the engine refuses. */
export function requestSocket(socketPath: string, method: string, path: string, body?: unknown): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const fail = (why: string, cause?: unknown): void => reject(serverError('ENGINE_UNREACHABLE', `The workflow engine did not take ${method} ${path}: ${why}`, {}, cause));
    const asked = request({ socketPath, method, path, timeout: TIMEOUT_MILLIS, headers: { 'content-type': 'application/json' } }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('error', (error) => fail(error.message, error));
      answer.on('end', () => {
        const text = Buffer.concat(pieces).toString('utf8');
        if (answer.statusCode === undefined || answer.statusCode >= 300) fail(`${answer.statusCode} ${text.slice(0, 300)}`);
        else resolve(parsed(text));
      });
    });
    asked.on('timeout', () => asked.destroy(new Error('no answer in time')));
    asked.on('error', (error) => fail(error.message, error));
    asked.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
