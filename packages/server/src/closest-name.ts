/** The name that was probably meant: fewest edits, at most two or a third of its length; undefined when none is near. */
export function closestName(wrong: string, names: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestEdits = Infinity;
  for (const name of names) {
    const edits = editDistance(wrong.toLowerCase(), name.toLowerCase());
    if (edits < bestEdits && edits <= Math.max(2, name.length / 3)) {
      best = name;
      bestEdits = edits;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      current[j] = Math.min(previous[j]! + 1, current[j - 1]! + 1, previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
