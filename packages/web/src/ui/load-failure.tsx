import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import { Component } from 'react';
import type { ReactNode } from 'react';

/** Where a part of the page could not be loaded (the server is away, or of another version by now), or has a bug. */
export class LoadFailure extends Component<{ readonly children: ReactNode }, { readonly message?: string }> {
  override state: { readonly message?: string } = {};

  static getDerivedStateFromError(error: unknown): { readonly message: string } {
    return { message: error instanceof Error ? error.message : String(error) };
  }

  override render(): ReactNode {
    if (this.state.message === undefined) return this.props.children;
    return (
      <Alert type="error" header="This page could not be shown" statusIconAriaLabel="Error" action={<Button onClick={() => location.reload()}>Load it again</Button>}>
        {this.state.message}
      </Alert>
    );
  }
}
