import assert from 'node:assert/strict';
import {
  type CommandId,
  type CommandSpec,
  commandLocator,
  commands,
  listCommands,
} from '../../../agent/host/commands.ts';
import { queries } from '../../../agent/host/queries.ts';

describe('the list of commands', () => {
  const specs = Object.entries<CommandSpec>(commands);

  it('names every program by an absolute path in a folder of the system or of a product', () => {
    for (const [id, { programs }] of specs) {
      assert.ok(programs.length > 0, id);
      for (const program of programs)
        assert.match(
          program,
          /^(?:\/(?:usr\/(?:local\/)?)?s?bin|\/usr\/lib|\/opt|\/snap|\/var\/ossec)\/[\w./-]+$|^[A-Z]:\\/,
          id,
        );
    }
  });

  it('lets nothing start a shell or another program of choice', () => {
    const starters = /\/(?:ba|da|z|k|c|fi)?sh$|\/(?:env|sudo|su|xargs|nohup|setsid|perl|python[\d.]*|node)$/;
    for (const [id, { programs, args }] of specs) {
      // sudo only ever lists here: what follows -l -U is a name.
      if (id === 'sudo-list' && args.join(' ') === '-n -l -U') continue;
      for (const program of programs) assert.doesNotMatch(program, starters, id);
    }
  });

  it('names a run with very many arguments by their number and digest, other ones otherwise', () => {
    const named = (...names: readonly string[]): string => commandLocator('apt-cache-policy-installed', names);
    const [one, other] = [named('a:amd64', 'b:amd64'), named('a:amd64', 'c:amd64')];
    assert.match(one, /^command:apt-cache policy -o \S+ \(2 arguments #[0-9a-f]{32}\)$/);
    assert.notEqual(one, other);
    assert.notEqual(named('ab'), named('a', 'b'));
    assert.equal(one, named('a:amd64', 'b:amd64'));
  });

  it('shows every command with its reason, and the child that asks systeminformation', () => {
    const listed = listCommands();
    assert.deepEqual(
      listed.map(({ id }) => id),
      [
        ...specs.map(([id]) => id),
        ...Object.keys(queries).map((name) => `query-${name}`),
        'cmd',
        'echo-system-folder',
        'icacls',
        'reg-query',
        'system',
        'taskkill',
      ].toSorted(),
    );
    for (const { id, line, reason } of listed) assert.ok(line !== '' && reason.length > 10, id);
    const dpkgQuery = listed.find(({ id }) => id === ('dpkg-query' satisfies CommandId));
    assert.match(dpkgQuery?.line ?? '', /^\/usr\/bin\/dpkg-query -W '-f=\$\{/);
  });
});
