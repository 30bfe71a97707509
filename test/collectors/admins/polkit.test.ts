import assert from 'node:assert/strict';
import { parsePkla } from '../../../collectors/admins/polkit-authority.ts';
import { parsePolkitRules } from '../../../collectors/admins/polkit-rules.ts';

function read(text: string) {
  const result = parsePolkitRules(text, '/etc/polkit-1/rules.d/a.rules');
  assert.ok(result.ok, JSON.stringify(result));
  return result.value;
}

describe('polkit rules', () => {
  it('gives identities that stand in a plain list', () => {
    const { adminIdentities, adminDynamic, adminRules, rules } = read(
      'polkit.addAdminRule(function(action, subject) {\n  return ["unix-group:wheel", \'unix-user:0\'];\n});\n',
    );
    assert.deepEqual(
      [adminIdentities, adminDynamic, adminRules, rules],
      [['unix-group:wheel', 'unix-user:0'], false, 1, 0],
    );
  });

  it('says of an admin rule that decides anything itself that it does', () => {
    for (const body of [
      'function(a, s) { if (s.local) return ["unix-user:0"]; return ["unix-group:ops"]; }',
      'function(a, s) { return ["unix-user:" + s.user]; }',
      'function(a, s) { return admins; }',
    ])
      assert.equal(read(`polkit.addAdminRule(${body});`).adminDynamic, true, body);
  });

  it('finds an answer yes, the actions, groups and users that it names', () => {
    const found = read(`polkit.addRule(function(action, subject) {
      if (action.id == "org.freedesktop.systemd1.manage-units" && subject.isInGroup('ops') || subject.user === "bob")
        return polkit.Result.YES;
    });`);
    assert.deepEqual(
      [found.grantsYes, found.actions, found.groups, found.users],
      [true, ['org.freedesktop.systemd1.manage-units'], ['ops'], ['bob']],
    );
  });

  it('is not fooled by comments and texts', () => {
    const found = read(
      '// polkit.addRule(x) YES\n/* polkit.addAdminRule(\n*/ var a = "// polkit.addRule(";\npolkit.addRule(f);',
    );
    assert.deepEqual([found.rules, found.adminRules, found.grantsYes], [1, 0, false]);
  });

  it('takes a yes that is put together for one', () => {
    assert.equal(read('polkit.addRule(function() { return "yes"; });').grantsYes, true);
    assert.equal(read('var r = polkit.Result; polkit.addRule(function() { return r.YES; });').grantsYes, true);
  });

  it('fails on what is no rule file, or half of one', () => {
    for (const text of ['<html>', '/* never ends polkit', 'polkit.addRule("never ends\n', '\u0001polkit'])
      assert.equal(parsePolkitRules(text, 'x').ok, false, text);
    assert.equal(parsePolkitRules('', 'x').ok, true);
  });
});

describe('pkla files', () => {
  it('give identity, action and the three answers', () => {
    const result = parsePkla(
      '# local\n[Let ops in]\nIdentity=unix-group:ops;unix-user:bob\nAction=*\nResultAny=no\nResultActive=yes\n',
      '/x.pkla',
    );
    assert.ok(result.ok);
    assert.deepEqual(result.value, [
      {
        definedIn: '/x.pkla',
        section: 'Let ops in',
        identities: ['unix-group:ops', 'unix-user:bob'],
        actions: ['*'],
        resultAny: 'no',
        resultActive: 'yes',
      },
    ]);
  });

  it('fail on an answer that polkit does not know, and on a line outside of every section', () => {
    assert.equal(parsePkla('[a]\nResultAny=maybe\n', 'x').ok, false);
    assert.equal(parsePkla('Identity=unix-user:bob\n', 'x').ok, false);
  });
});
