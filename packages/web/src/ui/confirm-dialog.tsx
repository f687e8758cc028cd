import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import type { Problem } from '../problem.ts';
import { ProblemAlert } from './problem.tsx';

interface ConfirmProps {
  readonly title: string;
  /** What the button says that does it. */
  readonly verb: string;
  readonly isBusy: boolean;
  readonly problem: Problem | undefined;
  readonly children: ReactNode;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asks before something is done that cannot be undone. Stays open, and says why, when it cannot be done. */
export function ConfirmDialog({ title, verb, isBusy, problem, children, onConfirm, onClose }: ConfirmProps) {
  return (
    <Modal
      visible
      header={title}
      closeAriaLabel="Close"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>Cancel</Button>
            <Button variant="primary" loading={isBusy} loadingText={`${verb} is under way`} onClick={onConfirm}>{verb}</Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {problem === undefined ? null : <ProblemAlert title="That was refused" problem={problem} />}
        <div>{children}</div>
      </SpaceBetween>
    </Modal>
  );
}
