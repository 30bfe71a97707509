/**
 * `systemctl show -p Id,Names,LoadState,ActiveState,SubState,UnitFileState UNIT…`: a block of
 * NAME=VALUE lines for each unit, in the order in which they were asked for, empty lines between them.
 */
import { type Parsed, parsed, unparsed } from '../fact.ts';

export type UnitState = {
  /** Whether systemd knows the unit: its file was found, or masked. */
  readonly known: boolean;
  readonly active: boolean;
  /** active (exited): it was started once, and has no process that systemd watches. */
  readonly exited: boolean;
  /** `active (running)`. */
  readonly state: string;
  /** enabled, disabled, static, masked …; undefined where systemd says nothing. */
  readonly unitFileState: string | undefined;
  readonly masked: boolean;
};

/** States by the unit's name as it was asked for. Fails with `unexpected-units` where the answer is not to the question. */
export function parseSystemctlShow(text: string, asked: readonly string[]): Parsed<ReadonlyMap<string, UnitState>> {
  const blocks = text.split(/\n{2,}/).filter((block) => block.trim() !== '');
  if (blocks.length !== asked.length) return unparsed('unexpected-units', `${blocks.length} of ${asked.length}`);
  const units = new Map<string, UnitState>();
  for (const [at, name] of asked.entries()) {
    const properties = new Map<string, string>();
    for (const line of (blocks[at] ?? '').split('\n')) {
      const equals = line.indexOf('=');
      if (equals > 0) properties.set(line.slice(0, equals), line.slice(equals + 1).trim());
    }
    const [id, names, load, active, sub] = ['Id', 'Names', 'LoadState', 'ActiveState', 'SubState'].map((key) =>
      properties.get(key),
    );
    const itself = id === name || names?.split(' ').includes(name) === true;
    if (!itself || load === undefined || active === undefined || sub === undefined)
      return unparsed('unexpected-units', name);
    if (!loadStates.has(load) || !activeStates.has(active)) return unparsed('unknown-unit-state', name);
    const fileState = properties.get('UnitFileState');
    units.set(name, {
      known: load !== 'not-found' || active !== 'inactive',
      active: active === 'active' || active === 'reloading' || active === 'refreshing',
      exited: sub === 'exited' || sub === 'elapsed' || sub === 'waiting',
      state: `${active} (${sub})`.slice(0, 128),
      unitFileState: fileState === '' ? undefined : fileState,
      masked: load === 'masked',
    });
  }
  return parsed(units);
}

/** org.freedesktop.systemd1(5). */
const loadStates: ReadonlySet<string> = new Set('stub loaded not-found bad-setting error merged masked'.split(' '));
const activeStates: ReadonlySet<string> = new Set(
  'active reloading inactive failed activating deactivating maintenance refreshing'.split(' '),
);
