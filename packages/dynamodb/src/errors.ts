// Everything of this package that a user can meet and act on. docs/ERRORS.md is generated from here.

import { errorFactory } from '@aeneas/cassandra';
import type { ErrorEntry } from '@aeneas/cassandra';

export const dynamodbErrors = {
  MAPPING_INVALID: {
    cause: 'A mapping rule is not understood, or does not fit the table it is for.',
    remedy: 'Correct the place that the message names; docs/MAPPING.md and docs/schema/mapping.schema.json describe the rules.',
  },
  MAPPING_COLLISION: {
    cause: 'Two tables would get the same target table name, or two columns the same attribute name.',
    remedy: 'Give one of them another name by a mapping rule.',
  },
  MAPPING_NAME_INVALID: {
    cause: 'A target table or attribute name breaks the limits of DynamoDB (tables 3 to 255 characters, key attributes up to 255, others up to 65,535 bytes).',
    remedy: 'Choose another name by a mapping rule.',
  },
  PROFILE_UNAVAILABLE: {
    cause: 'The mapping asks for the item profile "dms", which this version cannot write yet.',
    remedy: 'Use the profile "native" (built-in loader or S3 import).',
  },
  KEY_VALUES_INVALID: {
    cause: 'The values given to a key function do not fit the key columns of the table, or an attribute is not an encoded key of it.',
    remedy: 'Pass one value per key column, in the form that docs/MAPPING.md shows for its type.',
  },
  TARGET_UNREACHABLE: {
    cause: 'DynamoDB did not answer, or not within the time allowed.',
    remedy: 'Check the endpoint, the Region and the network (VPC endpoint, proxy, firewall); then run the same command again, it resumes.',
  },
  TARGET_ACCESS_DENIED: {
    cause: 'AWS refused the credentials, or they lack a permission.',
    remedy: 'Check the credentials and grant the action that the message names on the target table.',
  },
  TARGET_TABLE_MISSING: {
    cause: 'The target table is not there.',
    remedy: 'Let Aeneas create it, or check table name, Region and account.',
  },
  TARGET_TABLE_MISMATCH: {
    cause: 'A table of the target name exists with other keys or indexes than the mapping gives.',
    remedy: 'Bring the rule "indexes" and the table into line, choose another target name by a mapping rule, or remove that table.',
  },
  TARGET_TABLE_POPULATED: {
    cause: 'The target table was to be dropped, but it has items.',
    remedy: 'Nothing was dropped. Confirm the loss of its items explicitly, or choose another target name.',
  },
  TARGET_TABLE_NOT_READY: {
    cause: 'The target table did not become active (or did not go away) in the time allowed.',
    remedy: 'Look at the table in the AWS console; then run the same command again.',
  },
  TARGET_REFUSED: {
    cause: 'DynamoDB refused a request as invalid.',
    remedy: 'The message names the item or table. If the item looks right, report it with the message: it should have been rejected before.',
  },
  TARGET_THROTTLED: {
    cause: 'DynamoDB kept refusing writes for lack of capacity, longer than the retries allow.',
    remedy: 'Raise the capacity of the table or lower the rate of the loader, then run the same command again; it resumes.',
  },
  IMPORT_FILE_FAILED: {
    cause: 'An import file could not be written completely.',
    remedy: 'Free space or correct the permissions of the output directory, then run the same command again; what was finished stays valid.',
  },
} as const satisfies Record<string, ErrorEntry>;

export type DynamodbErrorCode = keyof typeof dynamodbErrors;

/** Makes an error of this package. */
export const dynamodbError = errorFactory<DynamodbErrorCode>(dynamodbErrors);
