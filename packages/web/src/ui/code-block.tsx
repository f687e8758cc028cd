import Button from '@cloudscape-design/components/button';
import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import SpaceBetween from '@cloudscape-design/components/space-between';

interface CodeProps {
  /** What it is, for those who do not see it. */
  readonly label: string;
  readonly text: string;
  /** Name of the file that it can be downloaded as. */
  readonly file?: string;
}

/** Text to be copied or downloaded as it is. Reached by the keyboard, so that it can be scrolled. */
export function CodeBlock({ label, text, file }: CodeProps) {
  return (
    <SpaceBetween size="xs">
      <SpaceBetween direction="horizontal" size="xs">
        <CopyToClipboard copyButtonText="Copy" copyButtonAriaLabel={`Copy ${label}`} copySuccessText="Copied" copyErrorText="It could not be copied" textToCopy={text} />
        {file === undefined ? null : <Button iconName="download" ariaLabel={`Download ${file}`} onClick={() => download(file, text)}>Download</Button>}
      </SpaceBetween>
      <section className="code" aria-label={label} tabIndex={0}><pre>{text}</pre></section>
    </SpaceBetween>
  );
}

/** Gives the browser a file. */
export function download(file: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = file;
  link.click();
  URL.revokeObjectURL(address);
}
