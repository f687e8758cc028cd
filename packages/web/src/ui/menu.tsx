// A menu of the top bar, after the pattern "menu button" of the ARIA practices.

import { useEffect, useId, useRef, useState } from 'react';
import type { MenuAction } from '../menu-actions.ts';
import { followed } from './link.tsx';

export function Menu({ name, items }: { readonly name: string; readonly items: readonly MenuAction[] }) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const id = useId();
  const entries = (): HTMLElement[] => [...root.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? []];
  useEffect(() => {
    if (!isOpen) return;
    root.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
    const onOutside = (event: Event): void => {
      if (!root.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener('pointerdown', onOutside);
    document.addEventListener('focusin', onOutside);
    return () => {
      document.removeEventListener('pointerdown', onOutside);
      document.removeEventListener('focusin', onOutside);
    };
  }, [isOpen, root]);
  const close = (): void => {
    setOpen(false);
    opener.current?.focus();
  };
  const onKey = (event: React.KeyboardEvent): void => {
    const all = entries();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1 + all.length, Home: 0, End: all.length - 1 }[event.key];
    if (event.key === 'Escape') close();
    else if (to !== undefined && isOpen) all[to % all.length]?.focus();
    else if (event.key === 'ArrowDown') setOpen(true);
    else return;
    event.preventDefault();
  };
  return (
    <div className="menu" role="presentation" ref={root} onKeyDown={onKey}>
      <button type="button" ref={opener} aria-haspopup="menu" aria-expanded={isOpen} {...(isOpen ? { 'aria-controls': id } : {})} onClick={() => setOpen(!isOpen)}>{name}<span aria-hidden="true"> ▾</span></button>
      {isOpen ? (
        <div role="menu" id={id} aria-label={name}>
          {items.map(({ text, to, run }) => (to === undefined
            ? <button type="button" role="menuitem" key={text} tabIndex={-1} onClick={() => {
              close();
              run?.();
            }}>{text}</button>
            : <a role="menuitem" key={text} tabIndex={-1} href={to} onClick={(event) => {
              setOpen(false);
              if (!event.ctrlKey && !event.metaKey && !event.shiftKey) followed(event, to);
            }}>{text}</a>))}
        </div>
      ) : null}
    </div>
  );
}
