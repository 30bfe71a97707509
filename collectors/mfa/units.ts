/** `systemctl show` of several units (systemctl(1)): blocks of `Name=value`, an empty line between them. */
import type { Host } from '../../agent/host/host.ts';
import type { Fact } from '../../schemas/generated/types.ts';
import { fromAnswer, parsed, unparsed } from '../fact.ts';

export type Unit = {
  readonly id: string;
  readonly active: boolean;
  readonly enabled: boolean;
  /** Programs with their arguments, as ExecStart= names them after expansion of nothing. */
  readonly starts: readonly string[];
  /** What a socket listens on, such as `[::]:22 (Stream)`. */
  readonly listens: readonly string[];
};

const maxUnits = 1_000;

/** The units that are there; one that systemd does not know is left out. */
export async function readLoginUnits(host: Host): Promise<Fact<Unit[]>> {
  const fact = fromAnswer(await host.exec('systemctl-login-units'), ({ stdout, truncated }) =>
    truncated ? unparsed('truncated') : parseUnits(stdout),
  );
  // A machine without systemctl has other means to start services: that is no answer about them.
  return fact.status === 'absent' ? { ...fact, status: 'unsupported', reason: 'no-systemd' } : fact;
}

export function parseUnits(text: string): ReturnType<typeof parsed<Unit[]>> | ReturnType<typeof unparsed> {
  const units = new Map<string, Unit>();
  for (const block of text.split(/\n\n+/)) {
    const fields = new Map<string, string[]>();
    for (const line of block.split('\n')) {
      const at = line.indexOf('=');
      if (at > 0) fields.set(line.slice(0, at), [...(fields.get(line.slice(0, at)) ?? []), line.slice(at + 1)]);
    }
    const id = fields.get('Id')?.[0];
    const load = fields.get('LoadState')?.[0];
    if (block.trim() === '') continue;
    if (id === undefined || load === undefined) return unparsed('malformed-line', 'a unit without name or state');
    if (load === 'not-found') continue;
    units.set(id, {
      id,
      active: /^(?:active|reloading|activating)$/.test(fields.get('ActiveState')?.[0] ?? ''),
      enabled: /^(?:enabled|enabled-runtime|static|alias|generated|indirect)$/.test(
        fields.get('UnitFileState')?.[0] ?? '',
      ),
      starts: (fields.get('ExecStart') ?? []).flatMap((text_) => /argv\[\]=(.*?) ; /.exec(text_)?.[1] ?? []),
      listens: fields.get('Listen') ?? [],
    });
  }
  return text.trim() === '' || units.size > maxUnits ? unparsed('no-entries') : parsed([...units.values()]);
}
