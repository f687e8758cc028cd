// The list of rules within a YAML document: changed rule by rule, so that comments and everything else stay as they are.

import { isDeepStrictEqual } from 'node:util';
import { isMap, isSeq, parseDocument } from 'yaml';
import type { Document, YAMLMap, YAMLSeq } from 'yaml';
import type { MappingChange, WireRule } from '@aeneas/protocol';
import { serverError } from '../errors.ts';

/** The rules of a text, as they are; empty when there is no list. */
export function rulesIn(text: string, within: readonly string[]): unknown[] {
  const content = parseDocument(text).toJS() as unknown;
  const mapping = within.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], content);
  const rules = (mapping as { readonly rules?: unknown } | null | undefined)?.rules;
  return Array.isArray(rules) ? rules : [];
}

/** What the rules are after a change. Throws MAPPING_RULE_UNKNOWN. */
export function changedRules(rules: readonly unknown[], change: MappingChange): unknown[] {
  if (change.kind === 'add') return [...rules, change.rule];
  checkIndex(rules.length, change.index);
  if (change.kind === 'replace') return rules.with(change.index, change.rule);
  const rest = rules.toSpliced(change.index, 1);
  if (change.kind === 'remove') return rest;
  checkIndex(rules.length, change.to);
  return rest.toSpliced(change.to, 0, rules[change.index]);
}

/** The same change in a document. Throws MAPPING_RULE_UNKNOWN. */
export function changeDocument(document: Document, within: readonly string[], change: MappingChange): void {
  const { items } = ruleList(document, within);
  if (change.kind === 'add') {
    items.push(document.createNode(change.rule));
    return;
  }
  checkIndex(items.length, change.index);
  if (change.kind === 'replace') {
    const node = items[change.index];
    if (isMap(node)) replaceRule(document, node, change.rule);
    else items[change.index] = document.createNode(change.rule);
    return;
  }
  const [node] = items.splice(change.index, 1);
  if (change.kind === 'remove') return;
  checkIndex(items.length + 1, change.to);
  items.splice(change.to, 0, node);
}

/** After a connection got another name. */
export function renameInRules(document: Document, side: 'source' | 'target', from: string, to: string): void {
  const rules = document.getIn(['mapping', 'rules']);
  if (!isSeq(rules)) return;
  for (const rule of rules.items) if (isMap(rule) && rule.get(side) === from) rule.set(side, to);
}

/** Keys that stay as they were keep their comments. */
function replaceRule(document: Document, node: YAMLMap, rule: WireRule): void {
  const before = node.toJS(document) as Record<string, unknown>;
  for (const key of Object.keys(before)) if (rule[key] === undefined) node.delete(key);
  for (const [key, value] of Object.entries(rule)) {
    if (value !== undefined && !isDeepStrictEqual(before[key], value)) node.set(key, document.createNode(value));
  }
}

/** Made when it is not there. A list in one line becomes one of many lines. */
function ruleList(document: Document, within: readonly string[]): YAMLSeq {
  const place = [...within, 'rules'];
  const there = document.getIn(place);
  if (isSeq(there)) {
    if (there.items.length === 0) there.flow = false;
    return there;
  }
  if (within.length > 0 && !isMap(document.getIn(within))) document.setIn(within, document.createNode({}));
  const made = document.createNode([]) as YAMLSeq;
  document.setIn(place, made);
  return made;
}

function checkIndex(length: number, index: number): void {
  if (index >= length) throw serverError('MAPPING_RULE_UNKNOWN', `There is no mapping rule ${index + 1}: there are ${length}`);
}
