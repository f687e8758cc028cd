/** `keyspace.table`: each as it is stored, or quoted as in CQL. Undefined for anything else. */
export function parseTableName(text: string): { keyspace: string; name: string } | undefined {
  const parts = /^("(?:[^"]|"")+"|[^".]+)\.("(?:[^"]|"")+"|[^".]+)$/.exec(text);
  return parts ? { keyspace: unquoted(parts[1]), name: unquoted(parts[2]) } : undefined;
}

function unquoted(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name;
}
