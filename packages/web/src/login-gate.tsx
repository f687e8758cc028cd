import { lazy, Suspense, useEffect } from 'react';
import type { ReactNode } from 'react';
import { live } from './live.ts';
import { askLogin, useLogin } from './login.ts';

const LoginPage = lazy(async () => ({ default: (await import('./pages/login.tsx')).LoginPage }));

/** The app, or the login where one is needed. */
export function LoginGate({ children }: { readonly children: ReactNode }) {
  const isOut = useLogin() === 'out';
  useEffect(() => void askLogin(), []);
  useEffect(() => {
    if (isOut) live.pause();
  }, [isOut]);
  return isOut ? <Suspense fallback={<output>Loading ...</output>}><LoginPage /></Suspense> : children;
}
