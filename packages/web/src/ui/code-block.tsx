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

const MOST_ROWS = 24;

/** Text to be copied or downloaded as it is. A field, so that the keyboard reaches, scrolls and selects it. */
export function CodeBlock({ label, text, file }: CodeProps) {
  return (
    <SpaceBetween size="xs">
      <SpaceBetween direction="horizontal" size="xs">
        <CopyToClipboard copyButtonText="Copy" copyButtonAriaLabel={`Copy ${label}`} copySuccessText="Copied" copyErrorText="It could not be copied" textToCopy={text} />
        {file === undefined ? null : <Button iconName="download" ariaLabel={`Download ${file}`} onClick={() => download(file, text)}>Download</Button>}
      </SpaceBetween>
      <textarea className="code" aria-label={label} readOnly spellCheck={false} wrap="off" rows={Math.min(MOST_ROWS, text.trimEnd().split('\n').length)} value={text.trimEnd()} />
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
