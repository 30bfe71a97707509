/** Connections of a sweep: straight, or through jump hosts, each of which is logged in to once. */
import type { Duplex } from 'node:stream';
import { type Connection, connect, type Login } from '../host/ssh/connection.ts';
import { failed, failureOf, type Reached } from '../host/ssh/failure.ts';
import { type HostKeyRule, hostKeyRule } from '../host/ssh/host-key.ts';
import type { KnownHosts } from '../host/ssh/known-hosts.ts';
import type { PlannedJump } from './plan.ts';

export type Reach = {
  readonly to: (login: Login, via: PlannedJump | undefined) => Promise<Reached<Connection>>;
  readonly end: () => void;
};

export function createReach(known: KnownHosts, acceptNew: boolean): Reach {
  const jumps = new Map<string, Promise<Reached<Connection>>>();
  /** One rule for each server in the whole sweep, so that a key which changes in its middle is noticed. */
  const rules = new Map<string, ReturnType<typeof hostKeyRule>>();
  const ruleOf = ({ host, port }: Login): ReturnType<typeof hostKeyRule> => {
    const name = `${host} ${port}`;
    const rule = rules.get(name) ?? hostKeyRule({ host, port }, known, acceptNew);
    rules.set(name, rule);
    return rule;
  };

  const jumpTo = async (jump: PlannedJump): Promise<Reached<Connection>> => {
    // Without a pause between the look and the entry: two servers at once would log in twice, and one login be forgotten.
    const begun = jumps.get(jump.name);
    if (begun !== undefined) {
      const earlier = await begun;
      if (!earlier.ok || earlier.value.lost() === undefined) return earlier;
      if (jumps.get(jump.name) !== begun) return await jumpTo(jump);
    }
    const asking = to(jump.login, jump.via);
    jumps.set(jump.name, asking);
    return await asking;
  };
  const to = async (login: Login, via: PlannedJump | undefined): Promise<Reached<Connection>> => {
    const rule = ruleOf(login);
    if (!rule.ok) return failureOf('denied', rule.refusal);
    if (via === undefined) return await connectBy(login, rule.value);
    const jump = await jumpTo(via);
    if (!jump.ok)
      return failed(
        jump.failure.outcome,
        'jump-unreached',
        `the jump host ${via.name}: ${jump.failure.message}`,
        jump.failure.remedy,
      );
    const stream = await jump.value.forward(login.host, login.port);
    if (stream.outcome !== 'ok')
      return failed(
        'failed',
        'jump-refused',
        `the jump host ${via.name} opens no connection to ${login.host}, port ${login.port}`,
        'look whether the server is up, and at AllowTcpForwarding and PermitOpen in the sshd_config of the jump host',
      );
    return await connectBy(login, rule.value, stream.value);
  };
  const connectBy = (login: Login, rule: HostKeyRule, stream?: Duplex): Promise<Reached<Connection>> =>
    connect(login, rule, stream);

  return {
    to,
    end: () => {
      for (const jump of jumps.values())
        void jump.then((reached) => {
          if (reached.ok) reached.value.end();
        });
    },
  };
}
