/**
 * From parsed files to the list of handlers that libpam keeps for one service and one type
 * (Linux-PAM `_pam_init_handlers`, `_pam_parse_conf_file`; Debian's @include).
 */
import type { PamLine, PamLookup, PamStack, Text } from '../../../schemas/generated/types.ts';
import { type Action, actionsOf, allBad, type Handler, moduleName } from './handler.ts';

export type PamType = NonNullable<PamLine['type']>;

/** `closed`: libpam gives up on the whole service, nobody gets in. `unknown`: what decides was not seen. */
export type Loaded =
  | { readonly state: 'loaded'; readonly handlers: readonly Handler[]; readonly from: string }
  | { readonly state: 'closed'; readonly reason: string }
  | { readonly state: 'unknown'; readonly reason: string };

/** The files by the name that libpam is asked for, and how it looks them up. */
export type PamFiles = {
  readonly stacks: ReadonlyMap<string, PamStack>;
  readonly lookup: PamLookup;
};

const maxLevel = 16;
/** More than any sane service by far; libpam has no such limit. */
const maxHandlers = 50_000;
const maxVisits = 400_000;

type Walk = {
  readonly files: PamFiles;
  readonly type: PamType;
  readonly handlers: Handler[];
  visits: number;
};
type Place = { readonly requested: PamType | 'any'; readonly includes: number; readonly level: number };
/** `crash` and `full` end everything, `failed` only the file. */
type Outcome = 'read' | 'failed' | 'crash' | 'full' | 'unknown';

export function textOf(text: Text): string {
  return typeof text === 'string' ? text : `\0${text.bytes}`;
}

/** libpam lower-cases a service's name. What a service has no line for, `other` decides. */
export function loadService(files: PamFiles, service: string, type: PamType): Loaded {
  const name = service.slice(service.lastIndexOf('/') + 1).toLowerCase();
  const own = loadTop(files, name, type);
  if (own.state !== 'none' && own.state !== 'loaded') return own;
  const other = loadTop(files, 'other', type);
  if (own.state === 'none' && other.state === 'none') return { state: 'closed', reason: 'no-such-service' };
  // A broken `other` closes every service; one that was not seen matters only where it decides.
  if (other.state === 'closed') return other;
  if (own.state === 'loaded' && own.handlers.length > 0) return own;
  if (other.state === 'unknown') return other;
  if (other.state === 'loaded' && other.handlers.length > 0) return other;
  return { state: 'closed', reason: 'no-lines' };
}

function loadTop(files: PamFiles, name: string, type: PamType): Loaded | { readonly state: 'none' } {
  const stack = files.stacks.get(name);
  if (stack === undefined) {
    const blind = files.lookup.folders.some(({ listed }) => listed.status !== 'observed' && listed.status !== 'absent');
    return blind ? { state: 'unknown', reason: 'folder-not-listed' } : { state: 'none' };
  }
  if (stack.content.status === 'absent') return { state: 'none' };
  if (stack.content.status !== 'observed') return { state: 'unknown', reason: 'file-not-read' };
  const walk: Walk = { files, type, handlers: [], visits: 0 };
  const outcome = walkStack(walk, stack, { requested: 'any', includes: 0, level: 0 });
  if (outcome === 'failed' || outcome === 'crash') return { state: 'closed', reason: 'broken-configuration' };
  return { state: 'loaded', handlers: walk.handlers, from: textOf(stack.file) };
}

function walkStack(walk: Walk, stack: PamStack, place: Place): Outcome {
  if (stack.content.status !== 'observed') return stack.content.status === 'absent' ? 'failed' : 'unknown';
  const { lines, endsAt } = stack.content.value;
  const file = textOf(stack.file);
  for (const line of lines) {
    walk.visits += 1;
    if (walk.visits > maxVisits || walk.handlers.length > maxHandlers) {
      push(walk, place, file, line, 'unknown', { reason: 'too-many-lines' });
      return 'full';
    }
    const outcome = walkLine(walk, file, line, place);
    if (outcome === 'full') push(walk, place, file, line, 'unknown', { reason: 'too-many-lines' });
    if (outcome !== 'read') return outcome;
  }
  return endsAt === undefined ? 'read' : 'failed';
}

function walkLine(walk: Walk, file: string, line: PamLine, place: Place): Outcome {
  const { requested } = place;
  if (line.kind === 'unclear') return push(walk, place, file, line, 'unknown', { reason: line.reason ?? 'unclear' });
  if (line.kind === 'at-include') return atInclude(walk, file, line, place);
  const type = line.type ?? (requested === 'any' ? 'auth' : requested);
  if (requested !== 'any' && type !== requested) return 'read';
  if (line.kind === 'fatal') return 'failed';
  if (type !== walk.type) return 'read';
  if (line.kind === 'module' || line.kind === 'unusable')
    return push(walk, place, file, line, line.kind === 'module' ? 'module' : 'must-fail', {
      actions: actionsOf(line),
      ...(line.module === undefined ? {} : { module: textOf(line.module) }),
      ...(line.reason === undefined ? {} : { reason: line.reason }),
    });
  const substack = line.kind === 'substack';
  if (substack) push(walk, place, file, line, 'substack', {});
  const inner = { requested: type, includes: place.includes + 1, level: place.level + (substack ? 1 : 0) };
  const outcome = include(walk, line, inner);
  if (outcome === 'unknown')
    return push(walk, { ...place, level: inner.level }, file, line, 'unknown', { reason: 'file-not-read' });
  return outcome === 'failed' ? push(walk, place, file, line, 'must-fail', { reason: 'include-failed' }) : outcome;
}

/** Debian's libpam reads the other file in place; one that it cannot read breaks this file. Others let the line fail. */
function atInclude(walk: Walk, file: string, line: PamLine, place: Place): Outcome {
  const known = walk.files.lookup.atIncludes;
  if (known.status !== 'observed') return push(walk, place, file, line, 'unknown', { reason: 'at-include-or-not' });
  if (!known.value) {
    const type = place.requested === 'any' ? 'auth' : place.requested;
    return type === walk.type ? push(walk, place, file, line, 'must-fail', { reason: 'unknown-type' }) : 'read';
  }
  // It reads from a null pointer where no name follows.
  if (line.target === undefined) return 'crash';
  const outcome = include(walk, line, { ...place, includes: place.includes + 1 });
  if (outcome === 'unknown') return push(walk, place, file, line, 'unknown', { reason: 'file-not-read' });
  if (outcome !== 'failed' || place.requested === 'any') return outcome;
  return push(walk, place, file, line, 'must-fail', { reason: 'include-failed' });
}

function include(walk: Walk, line: PamLine, inner: Place): Outcome {
  // Since 1.6 all nesting counts, before only substacks did.
  if (inner.level >= maxLevel) return 'failed';
  if (inner.includes >= maxLevel) return 'unknown';
  if (line.target === undefined) return 'failed';
  const name = textOf(line.target);
  const stack = walk.files.stacks.get(name);
  if (stack === undefined) return 'unknown';
  if (!name.startsWith('/') && !textOf(stack.file).startsWith('/etc/pam.d/')) {
    const { atIncludes } = walk.files.lookup;
    if (atIncludes.status !== 'observed') return 'unknown';
    // Debian's libpam takes relative names from /etc/pam.d alone.
    if (atIncludes.value) return 'failed';
  }
  return walkStack(walk, stack, inner);
}

type Rest = { readonly actions?: readonly Action[]; readonly module?: string; readonly reason?: string };

function push(walk: Walk, { level }: Place, file: string, line: PamLine, kind: Handler['kind'], rest: Rest): Outcome {
  const { actions = allBad, module, reason } = rest;
  const options = (line.options ?? []).map(({ key, value, withheld }) => ({
    key: textOf(key),
    ...(value === undefined ? {} : { value: textOf(value) }),
    ...(withheld === true ? { withheld } : {}),
  }));
  walk.handlers.push({
    kind,
    level,
    actions,
    file,
    line: line.line,
    control: line.control === undefined ? '' : textOf(line.control),
    options,
    name: moduleName(module ?? ''),
    key: JSON.stringify([module ?? '', ...options.map(({ key, value }) => [key, value])]),
    resets: actions.includes('reset'),
    ...(module === undefined ? {} : { module }),
    ...(reason === undefined ? {} : { reason }),
  });
  return 'read';
}
