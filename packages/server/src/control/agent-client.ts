import type { AgentInput, AgentOutput } from '@aeneas/protocol';

/** An agent as the control plane uses it: the calls of the agent's contract, wherever it runs. They throw coded errors. */
export interface AgentClient {
  /** Makes the server known to the agent; idempotent. */
  register(serverId: string): Promise<unknown>;
  /** Ends the server's jobs there and is forgotten. */
  unregister(serverId: string): Promise<void>;
  health(): Promise<AgentOutput<'health'>>;
  /** Takes effect on running jobs as well. */
  setThrottles(change: AgentInput<'setThrottles'>): Promise<AgentOutput<'setThrottles'>>;
  startJob(input: AgentInput<'startJob'>): Promise<AgentOutput<'startJob'>>;
  /** Throws AGENT_JOB_UNKNOWN for a job that the agent does not have: it was started anew. */
  pollJob(input: AgentInput<'pollJob'>): Promise<AgentOutput<'pollJob'>>;
  stopJob(input: AgentInput<'stopJob'>): Promise<void>;
  /** Without it the agent's files are this machine's. */
  rejectedRows?(input: AgentInput<'rejectedRows'>): Promise<AgentOutput<'rejectedRows'>>;
  close(): Promise<void>;
}
