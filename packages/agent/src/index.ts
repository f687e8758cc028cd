// What the server and the command line use of the agent.

export { agentError, agentErrors } from './errors.ts';
export { FAULT_POINTS, faultPoint } from './fault-point.ts';
