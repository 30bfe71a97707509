/** Which word somebody meant who misspelt it. */

/** The known word that is nearest, where it is near enough to be meant: a letter in three may be another. */
export function nearestOf(given: string, known: readonly string[]): string | undefined {
  // A word that nobody types is compared with nothing: the work grows with the product of both lengths.
  if (given.length > 40) return undefined;
  const [best] = known
    .map((word) => ({ word, distance: editDistance(given, word) }))
    .toSorted((left, right) => left.distance - right.distance);
  return best !== undefined && best.distance <= Math.max(1, Math.floor(best.word.length / 3)) ? best.word : undefined;
}

/** Letters to insert, leave out, exchange, or turn round with their neighbour (optimal string alignment). */
function editDistance(left: string, right: string): number {
  const rows: number[][] = [Array.from({ length: right.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= left.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const isSame = left[i - 1] === right[j - 1];
      const above = rows[i - 1] ?? [];
      const isTurned = i > 1 && j > 1 && left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1];
      row[j] = Math.min(
        (above[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (above[j - 1] ?? 0) + (isSame ? 0 : 1),
        isTurned ? (rows[i - 2]?.[j - 2] ?? 0) + 1 : Infinity,
      );
    }
    rows.push(row);
  }
  return rows[left.length]?.[right.length] ?? 0;
}
