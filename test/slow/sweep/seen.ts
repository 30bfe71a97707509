/** The documents of a server as a sweep sees it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type Connection, connect } from '../../../agent/host/ssh/connection.ts';
import { hostKeyRule } from '../../../agent/host/ssh/host-key.ts';
import { parseKnownHosts } from '../../../agent/host/ssh/known-hosts.ts';
import { linuxOverSsh, type Sudo } from '../../../agent/host/ssh/linux-over-ssh.ts';
import { runCollectors } from '../../../agent/run/run-collectors.ts';
import { collectors } from '../../../collectors/list.ts';
import type { Lab, Sshd } from './lab.ts';

export const collectOptions = {
  collectors,
  only: undefined,
  disabled: [],
  budgetSeconds: {},
  blindKey: Buffer.alloc(32, 7),
};

export async function connectTo(lab: Lab, sshd: Sshd, user: string): Promise<Connection> {
  const known = parseKnownHosts(sshd.knownHost, 'known_hosts');
  assert.ok(known.ok);
  const rule = hostKeyRule({ host: '127.0.0.1', port: sshd.port }, known.value, false);
  assert.ok(rule.ok);
  const privateKey = readFileSync(lab.keyFile, 'utf8');
  const login = { host: '127.0.0.1', port: sshd.port, user, privateKey, timeoutMs: 60_000 };
  const connection = await connect(login, rule.value);
  assert.ok(connection.ok, JSON.stringify(connection));
  return connection.value;
}

export async function seenBy(asked: {
  readonly lab: Lab;
  readonly sshd: Sshd;
  readonly user: string;
  readonly sudo: Sudo;
}): Promise<Record<string, object>> {
  const connection = await connectTo(asked.lab, asked.sshd, asked.user);
  try {
    const machine = await linuxOverSsh(connection, asked.sudo);
    assert.ok(machine.ok, JSON.stringify(machine));
    return Object.fromEntries((await runCollectors(machine.value, collectOptions)).documents);
  } finally {
    connection.end();
  }
}
