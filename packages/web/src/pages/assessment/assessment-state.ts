// The run of a project's assessment as the server tells it, and the last report; asked again while a run goes on.

import { useCallback, useEffect, useState } from 'react';
import type { AssessmentReport, AssessmentStatus } from '@aeneas/protocol';
import { problemOf } from '../../problem.ts';
import type { Problem } from '../../problem.ts';
import { server } from '../../server.ts';

const ASK_MILLIS = 400;
/** While the server is away. */
const LOST_MILLIS = 2_000;

export interface AssessmentState {
  readonly status: AssessmentStatus | undefined;
  readonly report: AssessmentReport | undefined;
  readonly problem: Problem | undefined;
  readonly isRunning: boolean;
  /** Takes what the server answered to Start or Cancel. */
  readonly put: (status: AssessmentStatus) => void;
}

export function useAssessment(name: string): AssessmentState {
  const [status, setStatus] = useState<AssessmentStatus>();
  const [report, setReport] = useState<AssessmentReport>();
  const [problem, setProblem] = useState<Problem>();
  const ask = useCallback(async (): Promise<void> => {
    try {
      setStatus(await server.assessment.status({ name }));
      setProblem(undefined);
    } catch (error) {
      setProblem(problemOf(error));
    }
  }, [name]);
  const isRunning = isLive(status);
  const isLost = problem?.code === 'SERVER_UNREACHABLE';
  useEffect(() => {
    // Later, not within the effect: what it sets is a state of this component.
    const timer = setTimeout(() => void ask());
    return () => clearTimeout(timer);
  }, [ask]);
  useEffect(() => {
    if (!isRunning && !isLost) return undefined;
    const timer = setInterval(() => void ask(), isLost ? LOST_MILLIS : ASK_MILLIS);
    return () => clearInterval(timer);
  }, [ask, isRunning, isLost]);
  const made = status?.report?.madeMillis;
  const isOutdated = status?.report?.isOutdated;
  useEffect(() => {
    if (made === undefined) return;
    server.assessment.report({ name }).then(setReport, (error: unknown) => setProblem(problemOf(error)));
    // A report is another one when it was made anew, or outdated since.
    // oxlint-disable-next-line react-hooks/exhaustive-deps, react/exhaustive-effect-dependencies
  }, [name, made, isOutdated]);
  return { status, report: made === undefined ? undefined : report, problem, isRunning, put: setStatus };
}

function isLive(status: AssessmentStatus | undefined): boolean {
  return status?.run?.state === 'running' || status?.run?.state === 'waiting';
}
