// Documents of IAM in every form in which they can be had.

import type { IamDocuments, IamScope } from '@aeneas/protocol';
import { DIFFERENCES } from './iam-differences.ts';
import { iamSet } from './iam-documents.ts';
import { cloudFormation, jsonFile, terraform } from './iam-templates.ts';

/** Throws IAM_POLICY_TOO_LONG. */
export function iamDocuments(scope: IamScope): IamDocuments {
  const set = iamSet(scope);
  const policies = set.policies.map((policy) => ({ ...policy, document: { ...policy.document } }));
  const role = { ...set.role, trust: { ...set.role.trust }, attached: [...set.role.attached] };
  return { policies, role, json: jsonFile(set), cloudFormation: cloudFormation(set), terraform: terraform(set), differences: [...DIFFERENCES] };
}
