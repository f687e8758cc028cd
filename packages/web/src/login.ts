// Whether the server asks for a login, which it does where others than this machine reach it. The session is a cookie that no script sees.

import { useSyncExternalStore } from 'react';

type LoginState = 'unknown' | 'not-needed' | 'in' | 'out';

let state: LoginState = 'unknown';
const listeners = new Set<() => void>();

function set(next: LoginState): void {
  state = next;
  for (const listener of listeners) listener();
}

/** Like fetch; a refusal for want of a session is told to the whole page. */
export async function fetchLoggedIn(request: Request, init?: RequestInit): Promise<Response> {
  const response = await fetch(request, init);
  if (response.status === 401) set('out');
  return response;
}

/** Once, at the start. */
export async function askLogin(): Promise<void> {
  try {
    const { isNeeded, isLoggedIn } = await (await fetch('/api/login')).json() as { readonly isNeeded: boolean; readonly isLoggedIn: boolean };
    set(!isNeeded ? 'not-needed' : isLoggedIn ? 'in' : 'out');
  } catch {
    // A lost server is told by what asks it all the time.
  }
}

/** Undefined: it worked. */
export async function logIn(password: string): Promise<{ readonly code: string; readonly message: string; readonly remedy: string } | undefined> {
  const response = await fetch('/api/login', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ password, as: 'cookie' }) });
  if (response.ok) return undefined;
  const { code, message, data: { remedy } } = await response.json() as { readonly code: string; readonly message: string; readonly data: { readonly remedy: string } };
  return { code, message, remedy };
}

export async function logOut(): Promise<void> {
  await fetch('/api/logout', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
  set('out');
}

export function useLogin(): LoginState {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }, () => state);
}
