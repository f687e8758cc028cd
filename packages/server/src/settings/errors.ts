import type { ErrorEntry } from '@aeneas/cassandra';

export const settingsErrors = {
  SETTINGS_INVALID: {
    cause: 'The file settings.yaml in the server\'s workspace cannot be read, is not YAML, or has a key that does not exist or a value of another type. It was left as it is.',
    remedy: 'Correct what the message names, or move the file away: the server then begins with empty settings.',
  },
  SETTINGS_NEWER: {
    cause: 'The file settings.yaml was written by a later version of Aeneas. It was left as it is.',
    remedy: 'Go on with the version that wrote it, or a later one.',
  },
  SETTINGS_CHANGED: {
    cause: 'Somebody else saved the same settings after they were read. Nothing was overwritten.',
    remedy: 'Load what is there now, look at it, and save again if your change is still wanted.',
  },
  AWS_PROFILE_UNKNOWN: {
    cause: 'There is no AWS service profile of this name.',
    remedy: 'Run "aeneas aws-profile list" to see them, or add it under Settings > Global Settings.',
  },
  AWS_PROFILE_IN_USE: {
    cause: 'Projects use this AWS service profile: without it their tasks and connections have no credentials.',
    remedy: 'Associate them with another profile first, or delete it all the same ("aeneas aws-profile delete NAME --yes").',
  },
  AWS_KEYS_MISSING: {
    cause: 'The access key of this profile is not known: it was not stored, or the vault that holds it is locked.',
    remedy: 'Open the vault, or type the access key again.',
  },
  AWS_CREDENTIALS_MISSING: {
    cause: 'No AWS credentials were found where the profile says that they are.',
    remedy: 'Check the profile in ~/.aws, the server\'s environment or the role of its machine, as the message says; for SSO run "aws sso login --profile NAME" as the server\'s user.',
  },
  AWS_CREDENTIALS_WRONG: {
    cause: 'AWS does not know the access key, or the secret key does not belong to it.',
    remedy: 'Type both keys again, without blanks around them; see in IAM whether the key is active.',
  },
  AWS_CREDENTIALS_EXPIRED: {
    cause: 'The session of these credentials has ended.',
    remedy: 'Get new ones: type them in, or log in again ("aws sso login"). A role or lasting keys do not end in the middle of a migration.',
  },
  AWS_ACCESS_DENIED: {
    cause: 'The credentials are right, but their policies do not allow this.',
    remedy: 'Add the missing right to the user or role; for a bucket also look at the bucket\'s own policy and whose it is.',
  },
  AWS_UNREACHABLE: {
    cause: 'The service did not answer in time.',
    remedy: 'Check Region, endpoint, proxy and firewall between the server and AWS; then test again.',
  },
  AWS_CLOCK: {
    cause: 'AWS refuses requests of a machine whose clock is more than five minutes off.',
    remedy: 'Set the clock of the server\'s machine (chrony, systemd-timesyncd).',
  },
  AWS_REFUSED: {
    cause: 'AWS answered with an error.',
    remedy: 'The message has AWS\'s own name for it; its documentation explains it.',
  },
  BUCKET_MISSING: {
    cause: 'There is no bucket of this name that the credentials may see.',
    remedy: 'Create it with the button "Create and check", or correct the name.',
  },
  BUCKET_TAKEN: {
    cause: 'A bucket of this name belongs to another AWS account: names are unique over all accounts.',
    remedy: 'Choose another name, for instance with your company\'s name in it.',
  },
  BUCKET_ELSEWHERE: {
    cause: 'The bucket is in another Region than the profile.',
    remedy: 'Use a bucket in the profile\'s Region: reading across Regions is slow and is charged for.',
  },
  BUCKET_PROBE: {
    cause: 'What was written to the bucket did not come back as it was.',
    remedy: 'See whether something else changes objects in the bucket (an access point, a proxy), or use another bucket.',
  },
  STORES_FOLDER_UNFIT: {
    cause: 'The folder for the stores has other files in it. It becomes private to the server\'s user, so it has to be one of its own.',
    remedy: 'Name a folder that does not exist yet, an empty one, or the one of the stores that were made before.',
  },
  STORE_UNREADABLE: {
    cause: 'The server cannot read the file of a key store or trust store.',
    remedy: 'Check the path, and that the server\'s user may read the file.',
  },
  LOG_FOLDER_UNUSABLE: {
    cause: 'The server cannot write its log to this folder. It goes on where it was.',
    remedy: 'Name a folder on a disk with room that the server\'s user may write to.',
  },
} as const satisfies Record<string, ErrorEntry>;
