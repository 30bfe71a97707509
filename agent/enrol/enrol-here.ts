/** An enrolment of this state folder: done again after a crash, it comes to the same end. */
import { logKeyDigest } from '../../evidence/record.ts';
import { ok, type Result } from '../../evidence/result.ts';
import { checkLogKey, pinLogKey } from '../spool/checkpoint-memory.ts';
import type { State } from '../spool/state.ts';
import { type Enrolled, type Enrolling, enrol } from './enrol.ts';
import { noteOf, writeEnrolment } from './enrolment-note.ts';

/**
 * The endpoint first, then what is known of it, the log key before the note that says where it is. Refuses as `enrol`
 * and the state folder do. The key is there before; asked again by the same key, the endpoint answers the same.
 */
export async function enrolHere(state: State, enrolling: Enrolling): Promise<Result<Enrolled>> {
  const { token, signer } = enrolling;
  const isOfToken = (verifierKey: string): boolean => logKeyDigest(verifierKey) === token.logKey;
  const known = checkLogKey(state, token.endpoint, isOfToken);
  if (!known.ok) return known;
  const enrolled = await enrol(enrolling);
  if (!enrolled.ok) return enrolled;
  const { logKey } = enrolled.value;
  const pinned = pinLogKey(state, token.endpoint, logKey);
  if (!pinned.ok) return pinned;
  const noted = writeEnrolment(state, noteOf(token, logKey, signer.keyId));
  return noted.ok ? ok(enrolled.value) : noted;
}
