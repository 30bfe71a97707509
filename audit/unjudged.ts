/** What the newest evidence of a server leaves unjudged: no finding about it means nothing. */
import type { History, HistoryEntry } from './history-model.ts';

const topics: readonly (readonly [string, (seen: HistoryEntry['seen']) => boolean])[] = [
  // A server of Exchange alone, or of packages alone, is judged by what it has.
  [
    'missing fixes',
    ({ exchange, fixes, windows }) => [exchange, fixes, windows].some((fact) => fact?.status === 'observed'),
  ],
  ['threat detection', ({ protection }) => protection?.status === 'observed'],
  ['administrators', ({ admins }) => admins?.status === 'observed'],
  ['second factors', ({ factors }) => factors?.status === 'observed'],
];

/** In words; every topic where there is no evidence at all. */
export function unjudgedOf({ entries }: History): readonly string[] {
  const newest = entries.at(-1);
  return topics.filter(([, isSeen]) => newest === undefined || !isSeen(newest.seen)).map(([topic]) => topic);
}
