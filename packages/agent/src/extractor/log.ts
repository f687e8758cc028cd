// The log: one JSON object a line on stdout, which systemd brings to its file; without secrets.

import type { AgentLog } from '../service/handlers.ts';

const SECRET_KEY = /password|passphrase|secret|token|authorization|credential|private|^key(?:Pem)?$/i;
const HIDDEN = '[redacted]';

/** What the log may show of details: values under names that speak of secrets are left out, and given secrets wherever they stand. */
export function redacted(value: unknown, secrets: readonly string[] = []): unknown {
  if (typeof value === 'string') return secrets.reduce((text, secret) => (secret === '' ? text : text.replaceAll(secret, HIDDEN)), value);
  if (Array.isArray(value)) return value.map((part) => redacted(part, secrets));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, SECRET_KEY.test(key) && typeof part === 'string' ? HIDDEN : redacted(part, secrets)]));
}

/** Writes the log; `secrets` are those that this process knows. */
export function openLog(secrets: readonly string[] = []): AgentLog {
  return (event, details) => {
    process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...redacted(details, secrets) as object })}\n`);
  };
}
