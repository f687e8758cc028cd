import type { AwsProfile } from '@aeneas/protocol';

export type CredentialsKind = AwsProfile['credentials']['kind'];

export const CREDENTIALS_TEXT: Readonly<Record<CredentialsKind, string>> = {
  keys: 'Access key', 'shared-profile': 'Profile of ~/.aws', environment: 'Environment of the server', sso: 'IAM Identity Center (SSO)', 'instance-role': 'Role of the machine',
};

export const CREDENTIALS_DESCRIPTION: Readonly<Record<CredentialsKind, string>> = {
  keys: 'Typed in here.',
  'shared-profile': 'As "aws configure" wrote it, for the user who runs the server. Also a role to assume.',
  environment: 'AWS_ACCESS_KEY_ID and others, as the server was started with.',
  sso: 'A profile that was logged in with "aws sso login" by the user who runs the server.',
  'instance-role': 'Of the EC2 instance or container that the server runs on.',
};
