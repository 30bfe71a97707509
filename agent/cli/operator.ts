/** What commands of the endpoint's operator begin with. */
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { type AttestationKind, attestationKinds } from '../../evidence/attestation.ts';
import { ok, type Result, refuse } from '../../evidence/result.ts';
import type { Person, Role } from '../../schemas/generated/types.ts';
import type { Io } from './io.ts';
import { openSession, type Session, type SessionOptions } from './session.ts';
import { type Operated, openOperated } from './wire-registrar.ts';

/** The endpoint of a state folder, opened beside the one that may run, and closed in any case. */
export async function withEndpoint<T>(
  options: SessionOptions,
  io: Io,
  work: (operated: Operated, session: Session) => Promise<Result<T>>,
): Promise<Result<T>> {
  const session = await openSession(options, io);
  if (!session.ok) return session;
  const { stateFolder, loaded } = session.value;
  const operated = await openOperated(join(stateFolder, 'endpoint'), loaded.settings.serve);
  if (!operated.ok) return operated;
  try {
    return await work(operated.value, session.value);
  } finally {
    await operated.value.close();
  }
}

/** Who acts: as they say, else the user of this machine. */
export function operatorName(given: string | undefined): string {
  if (given !== undefined) return given;
  try {
    return userInfo().username;
  } catch {
    return 'operator';
  }
}

const roles = ['agent', 'sweeper', 'auditor', 'reviewer', 'owner', 'officer'] as const satisfies readonly Role[];

/** What a person may sign in a role, where nothing else is said. */
const kindsByRole: Readonly<Record<'reviewer' | 'owner' | 'officer', readonly AttestationKind[]>> = {
  reviewer: ['detection-acknowledged', 'admins-reviewed', 'claim', 'withdrawal'],
  owner: ['detection-acknowledged', 'admins-reviewed', 'claim', 'withdrawal', 'exception', 'break-glass', 'plan'],
  officer: attestationKinds,
};

export type Holder = { readonly role: Role; readonly targets: readonly string[]; readonly person?: Person };

/** Role, targets and person of a key as the options say them; what does not go together is refused by name. */
export function readHolder(options: {
  readonly role?: string;
  readonly target?: readonly string[];
  readonly name?: string;
  readonly kinds?: string;
}): Result<Holder> {
  const role = roles.find((known) => known === (options.role ?? 'agent'));
  if (role === undefined)
    return refuse('usage', `--role ${options.role} is not known`, { remedy: `name one of these: ${roles.join(', ')}` });
  const targets = options.target ?? [];
  const wrong = targets.find((target) => target !== '*' && !/^[0-9a-f]{32}$/.test(target));
  if (wrong !== undefined)
    return refuse('usage', `--target ${wrong} is no target`, {
      remedy: 'give the id of a server (32 hexadecimal digits; affiant show), or *',
    });
  if (role === 'reviewer' || role === 'owner' || role === 'officer') return readPerson(role, targets, options);
  if (options.name !== undefined || options.kinds !== undefined)
    return refuse('usage', `--name and --kinds are for persons, and ${role} is none`, {
      remedy: 'give --role reviewer, owner or officer',
    });
  if (role !== 'agent' && targets.length === 0)
    return refuse('usage', `a ${role} speaks for the servers that are named, and none is`, {
      remedy: "give --target ID for each, or --target '*' for any",
    });
  return ok({ role, targets });
}

function readPerson(
  role: 'reviewer' | 'owner' | 'officer',
  targets: readonly string[],
  { name, kinds }: { readonly name?: string; readonly kinds?: string },
): Result<Holder> {
  if (targets.length > 0)
    return refuse('usage', 'a person attests of any server: --target is for agent, sweeper and auditor');
  if (name === undefined || name === '')
    return refuse('usage', 'whose key it is must be said', { remedy: "give --name 'Jane Doe'" });
  const named = kinds?.split(',').map((kind) => kind.trim());
  const unknown = named?.find((kind) => !(attestationKinds as readonly string[]).includes(kind));
  if (unknown !== undefined)
    return refuse('usage', `there is no attestation of the kind ${unknown}`, {
      remedy: `name of these: ${attestationKinds.join(', ')}`,
    });
  const chosen = named === undefined ? kindsByRole[role] : attestationKinds.filter((kind) => named.includes(kind));
  return ok({ role, targets: [], person: { name, kinds: [...chosen] } });
}
