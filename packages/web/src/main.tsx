import '@cloudscape-design/global-styles/index.css';
import './app.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { LoginGate } from './login-gate.tsx';
import { leaveOldAddress } from './place.ts';

leaveOldAddress();
createRoot(document.getElementById('root')!).render(<StrictMode><LoginGate><App /></LoginGate></StrictMode>);
