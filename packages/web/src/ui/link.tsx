import CloudscapeLink from '@cloudscape-design/components/link';
import type { LinkProps } from '@cloudscape-design/components/link';
import type { ReactNode } from 'react';
import { go } from '../place.ts';

/** A link within the page: followed without loading it anew, unless a new tab is asked for. */
export function Link({ to, children, variant = 'secondary', fontSize = 'inherit' }: { readonly to: string; readonly children: ReactNode; readonly variant?: LinkProps.Variant; readonly fontSize?: LinkProps.FontSize }) {
  return <CloudscapeLink href={to} variant={variant} fontSize={fontSize} onFollow={(event) => followed(event, to)}>{children}</CloudscapeLink>;
}

/** For Cloudscape's `onFollow`. */
export function followed(event: { preventDefault: () => void }, to: string): void {
  event.preventDefault();
  go(to);
}
