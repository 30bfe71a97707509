import assert from 'node:assert/strict';
import { usesProxy } from '../../../agent/post/proxy-rules.ts';

describe('NO_PROXY rules', () => {
  const cases: [string, number, string[], boolean, string][] = [
    ['evidence.example.org', 443, [], true, 'no rule'],
    ['evidence.example.org', 443, ['*'], false, 'all'],
    ['evidence.example.org', 443, ['evidence.example.org'], false, 'the name'],
    ['EVIDENCE.example.org.', 443, [' Evidence.Example.Org '], false, 'case, root dot and spaces'],
    ['sub.evidence.example.org', 443, ['evidence.example.org'], true, 'a name is that host alone'],
    ['evidence.example.org', 443, ['.example.org'], false, 'beneath the domain'],
    ['example.org', 443, ['.example.org'], false, 'the domain itself'],
    ['badexample.org', 443, ['.example.org'], true, 'a name that only ends alike'],
    ['badexample.org', 443, ['example.org'], true, 'likewise without a dot'],
    ['evidence.example.org', 8443, ['evidence.example.org:8443'], false, 'on its port'],
    ['evidence.example.org', 443, ['evidence.example.org:8443'], true, 'on another port'],
    ['10.1.2.3', 443, ['10.1.2.3'], false, 'an address'],
    ['10.1.2.30', 443, ['10.1.2.3'], true, 'another address'],
    ['10.1.2.3', 443, ['10.0.0.0/8'], false, 'in a network'],
    ['11.1.2.3', 443, ['10.0.0.0/8'], true, 'outside of it'],
    ['10.1.2.3', 8443, ['10.0.0.0/8:443'], true, 'in a network, on another port'],
    ['[2001:db8::1]', 443, ['2001:db8::/32'], false, 'IPv6 in a network'],
    ['2001:db8:0:0::1', 443, ['[2001:db8::1]:443'], false, 'IPv6 in another spelling, with its port'],
    ['2001:db8::1', 443, ['[2001:db8::1]:8443'], true, 'IPv6 on another port'],
    ['10.1.2.3', 443, ['10.0.0.0/99', '10.0.0.0/x', '10.0.0.0/', '', ':443', '/8'], true, 'rules that say nothing'],
    ['evidence.example.org', 443, ['10.0.0.0/8'], true, 'a name is in no network: it is not looked up'],
    ['localhost', 8620, [], false, 'this machine by name'],
    ['127.8.9.10', 8620, [], false, 'this machine by address'],
    ['[::1]', 8620, [], false, 'this machine by IPv6 address'],
    ['127.0.0.1.example.org', 443, [], true, 'a name that begins like an address'],
  ];
  for (const [host, port, rules, expected, what] of cases)
    it(`${expected ? 'asks' : 'does not ask'} the proxy: ${what}`, () => {
      assert.equal(usesProxy(host, port, rules), expected);
    });
});
