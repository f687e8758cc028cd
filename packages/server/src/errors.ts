import { errorFactory } from '@aeneas/cassandra';
import type { ErrorEntry } from '@aeneas/cassandra';
import { assessmentErrors } from './assessment/errors.ts';
import { mappingErrors } from './mapping/errors.ts';
import { projectErrors } from './projects/errors.ts';
import { settingsErrors } from './settings/errors.ts';
import { vaultErrors } from './vault/errors.ts';

export const serverErrors = {
  ...assessmentErrors,
  ...mappingErrors,
  ...projectErrors,
  ...settingsErrors,
  ...vaultErrors,
  PROJECT_UNREADABLE: {
    cause: 'The project file does not exist, may not be read, or is not YAML.',
    remedy: 'Check the path, and the line that the message names. docs/USAGE.md has an example.',
  },
  PROJECT_INVALID: {
    cause: 'The project file has a key that does not exist, lacks one that is needed, or has a value of another type.',
    remedy: 'Correct the key that the message names; docs/schema/project.schema.json describes every key, and editors can check against it.',
  },
  PROJECT_LOCKED: {
    cause: 'Another process is running this project: both would write the same tables and the same ledger.',
    remedy: 'Wait for it, or stop it (Ctrl-C is safe) and run the command again.',
  },
  PROJECT_CHANGED: {
    cause: 'The project, its mapping or the schema is not what it was when this migration began, so what was written would not fit what follows.',
    remedy: 'Change it back to continue, or start anew with --restart, which forgets the progress of this migration.',
  },
  WORKSPACE_UNUSABLE: {
    cause: 'The folder where a migration keeps its ledger cannot be used: it cannot be written, or its ledger is damaged.',
    remedy: 'Check rights and room of the folder that the message names; to begin anew use --restart.',
  },
  WORKSPACE_NEWER: {
    cause: 'The ledger of a migration, or the catalog of a server, was written by a later version of Aeneas. It was left as it is.',
    remedy: 'Go on with the version that wrote it, or a later one; this version can only begin anew, with another workspace.',
  },
  ATTEMPT_FENCED: {
    cause: 'A split was given to a new owner, so what the old one writes counts no more.',
    remedy: 'Nothing to do: the new owner continues from the last checkpoint.',
  },
  SERVER_RUNNING: {
    cause: 'A server already uses this workspace, or another program this port.',
    remedy: 'Use the server that runs, or start this one with another --workspace and --port.',
  },
  SERVE_UNSAFE: {
    cause: 'The server was to listen where other machines can reach it, without what keeps strangers out: a password and TLS, and a name that it is called by.',
    remedy: 'Give --login-password-file, --tls-certificate with --tls-key (or --tls-key-store), and --host-name; or leave out --host and reach it through "ssh -L".',
  },
  SERVE_ADDRESS_UNUSABLE: {
    cause: 'The server cannot listen at the address of --host: it is none of this machine\'s, or the port is not allowed.',
    remedy: 'Give an address of this machine ("ip address" lists them), or 0.0.0.0 with --host-name; ports below 1024 belong to root.',
  },
  LOGIN_PASSWORD_UNFIT: {
    cause: 'The password of the login is too short to stand against guessing, or too long.',
    remedy: 'Choose one of 12 to 256 characters; name a file that is not there yet to have one made.',
  },
  LOGIN_NEEDED: {
    cause: 'This server answers only those who are logged in; sessions end after 12 hours, and with the server.',
    remedy: 'Log in on the page, or with "aeneas login --server URL".',
  },
  LOGIN_WRONG: {
    cause: 'The password of the login is wrong.',
    remedy: 'Type it again. It is what "aeneas serve" was started with.',
  },
  LOGIN_LIMITED: {
    cause: 'Too many wrong passwords came from one address: further ones are not looked at for a while, right or wrong.',
    remedy: 'Wait a minute, then type it again.',
  },
  ENGINE_FAILED: {
    cause: 'The embedded workflow engine (Restate) does not start.',
    remedy: 'See the log that the message names. Run "npm ci" if the package is missing; the folder must be on a local disk with room.',
  },
  ENGINE_UNREACHABLE: {
    cause: 'The embedded workflow engine did not answer. It is restarted by itself within seconds.',
    remedy: 'Nothing to do: running tasks go on once it is back. If it stays away, see engine.log in the server\'s workspace.',
  },
  TASK_UNKNOWN: {
    cause: 'There is no task of this id.',
    remedy: 'Run "aeneas task status" to see all tasks.',
  },
  TASK_EXISTS: {
    cause: 'A project has one workspace, so it can have one task only.',
    remedy: 'Use the task that the message names, delete it, or give the project another "workspace".',
  },
  TASK_STATE: {
    cause: 'The task is in a state in which this cannot be done.',
    remedy: 'Look at its state with "aeneas task status ID"; stop a running task before it is deleted.',
  },
  AGENT_UNKNOWN: {
    cause: 'No agent of this name is registered.',
    remedy: 'Run "aeneas agent list" to see the agents.',
  },
  AGENT_EXISTS: {
    cause: 'An agent of this name is registered already.',
    remedy: 'Choose another name, or unregister the other first.',
  },
  AGENT_CREDENTIALS: {
    cause: 'What proves the server to an agent is not complete.',
    remedy: 'Give a trust store and a key store, or have them made under Settings > Global Settings > Security; or give a service password and the fingerprint of the agent\'s certificate ("aeneas agent fingerprint").',
  },
  AGENT_PASSWORD_NEEDED: {
    cause: 'A password that proves the server to an agent is not known now: it was not stored, and the server was started anew; or the vault is locked.',
    remedy: 'Open the vault; or type the password again, on the page of the agent or with "aeneas agent change"; that of stores of Global Settings under Settings > Global Settings > Security.',
  },
  AGENT_IN_USE: {
    cause: 'A task that is not over uses this agent: it has jobs of it, or the task names it as one of its agents.',
    remedy: 'Stop the task, or wait until it is done; one that names the agent, and shall go on without it, has to be deleted and created anew.',
  },
  AGENT_SOURCE_DIFFERS: {
    cause: 'An agent does not see the files that this task pinned: under the same paths all agents of a task must have the same bytes.',
    remedy: 'Give that agent the files that the message names, under the same paths (the same snapshot, mounted or copied), or take it from the task. It is checked again by itself.',
  },
  NO_AGENT: {
    cause: 'None of the agents that the task may use answers.',
    remedy: 'Look at "aeneas agent list", and start the agents; the task goes on by itself.',
  },
  PAGE_NOT_BUILT: {
    cause: 'The web app is built from its sources when the server starts, and that failed; or the server was started without it.',
    remedy: 'See what "aeneas serve" printed when it started; run "npm ci", then "npm run setup", and start it again. The API and the commands work all the same.',
  },
  REQUEST_REFUSED: {
    cause: 'A request to the server came from another web site, or under a name that is not the server\'s.',
    remedy: 'Open the server under the address that "aeneas serve" prints.',
  },
  IAM_POLICY_TOO_LONG: {
    cause: 'A policy for this project would be longer than IAM takes (6,144 characters): too many tables are named one by one.',
    remedy: 'Name them by patterns, such as shop.*.',
  },
  IAM_ACCOUNT: {
    cause: 'The credentials belong to another account than the one that the documents were asked for.',
    remedy: 'Leave the account empty, or choose the profile of that account.',
  },
  IAM_PREVIEW_STALE: {
    cause: 'What was confirmed is not what would be created now: the account, or what was asked for, has changed since the preview.',
    remedy: 'Look at the preview again, and confirm that.',
  },
  IAM_REFUSED: {
    cause: 'IAM refused a request.',
    remedy: 'The message says why. What was created before stays, and is found as equal the next time.',
  },
  AWS_CREDENTIALS: {
    cause: 'There are no credentials of AWS, or AWS does not take them: unknown, expired, or of another partition.',
    remedy: 'Name a profile of ~/.aws, or set AWS_PROFILE or AWS_ACCESS_KEY_ID for "aeneas serve"; check them with "aws sts get-caller-identity".',
  },
  AWS_DENIED: {
    cause: 'The credentials are right, but may not do this.',
    remedy: 'Ask an administrator of the account: looking needs iam:GetPolicy, GetPolicyVersion, GetRole, ListAttachedRolePolicies; creating iam:CreatePolicy, CreateRole, AttachRolePolicy, TagPolicy, TagRole; checking iam:SimulatePrincipalPolicy. '
      + 'Or deploy the CloudFormation or Terraform file.',
  },
  AWS_UNREACHABLE: {
    cause: 'IAM or STS does not answer.',
    remedy: 'Check the network, the region and the endpoint.',
  },
  SSH_KEY_FILE: {
    cause: 'A file for an SSH key cannot be read, or a new one cannot be written where it was asked for.',
    remedy: 'Check the path on the server\'s machine. A key never takes the place of a file that exists.',
  },
  STEP_FAILED: {
    cause: 'A step of a task failed with an error that was not foreseen: a bug.',
    remedy: 'The step is tried again by itself. If it repeats, report it with the message.',
  },
} as const satisfies Record<string, ErrorEntry>;

/** Makes an error of this package. */
export const serverError = errorFactory<keyof typeof serverErrors>(serverErrors);
