import assert from 'node:assert/strict';
import {
  config,
  edr,
  host,
  pack,
  problem,
  receipt,
  recording,
  sources,
  statement,
  updates,
  type ValidationError,
  type Validator,
} from '../../schemas/generated/validators.js';
import { isSchema, readSchemas } from './all-schemas.ts';
import { madeExample, resolver } from './made-example.ts';

type Json = Record<string, unknown>;

const files = readSchemas();

/** A valid document with every member, to be broken in one place. */
function valid(name: string): Json {
  const file = files.find((candidate) => candidate.name === name);
  assert.ok(file);
  const made = madeExample(file.schema, file.id, resolver(files));
  assert.ok(isSchema(made));
  return made;
}

/** The member at a path of an object or a list. */
function at(value: unknown, ...path: readonly (string | number)[]): Json {
  const found = path.reduce<unknown>((part, key) => (part as Json)[key], value);
  assert.ok(typeof found === 'object' && found !== null, path.join('/'));
  return found as Json;
}

function refusal(validator: Validator<unknown>, value: unknown): ValidationError {
  assert.equal(validator(value), false);
  const [error] = validator.errors ?? [];
  assert.ok(error);
  return error;
}

describe('what the generated validators refuse', () => {
  it('an unknown member, at the top and far inside, pointing at the object and naming the member', () => {
    const top = { ...valid('host'), extra: 1 };
    assert.partialDeepStrictEqual(refusal(host, top), {
      instancePath: '',
      keyword: 'additionalProperties',
      params: { additionalProperty: 'extra' },
    });
    const deep = valid('updates');
    at(deep, 'kernels', 'value', 'installed', 0)['extra'] = 1;
    assert.partialDeepStrictEqual(refusal(updates, deep), {
      instancePath: '/kernels/value/installed/0',
      params: { additionalProperty: 'extra' },
    });
    const fact = valid('host');
    at(fact, 'hostname')['confidence'] = 1;
    assert.partialDeepStrictEqual(refusal(host, fact), {
      instancePath: '/hostname',
      params: { additionalProperty: 'confidence' },
    });
  });

  it('a name that every object inherits, where it is not a member of the schema', () => {
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty']) {
      const document = JSON.parse(JSON.stringify(valid('updates')).replace('{', `{"${name}":1,`)) as unknown;
      assert.equal(refusal(updates, document).params['additionalProperty'], name);
    }
  });

  it('a missing member, naming it', () => {
    const { kernels: _kernels, ...rest } = valid('updates');
    assert.deepEqual(refusal(updates, rest).params, { missingProperty: 'kernels' });
  });

  it('an observed fact without a value', () => {
    const document = valid('host');
    delete at(document, 'hostname')['value'];
    assert.partialDeepStrictEqual(refusal(host, document), {
      instancePath: '/hostname',
      keyword: 'required',
      params: { missingProperty: 'value' },
    });
  });

  it('an observed fact that gives a reason', () => {
    const document = valid('host');
    at(document, 'hostname')['reason'] = 'permission-denied';
    assert.equal(refusal(host, document).instancePath, '/hostname/reason');
  });

  for (const status of ['absent', 'not-applicable', 'denied', 'unsupported', 'timed-out', 'failed']) {
    it(`a fact that is ${status} and has a value, even an empty one`, () => {
      for (const value of ['web1', '', [], 0, false, null]) {
        const document = valid('host');
        document['hostname'] = { status, reason: 'permission-denied', value, sources: ['file:/etc/hostname'] };
        assert.equal(refusal(host, document).instancePath, '/hostname/value');
      }
    });

    it(`a fact that is ${status} without a reason, or with answers that could be read as values`, () => {
      const document = valid('host');
      document['hostname'] = { status, sources: ['file:/etc/hostname'] };
      assert.deepEqual(refusal(host, document).params, { missingProperty: 'reason' });
      const answers = [
        { source: 'file:/a', answer: 'a' },
        { source: 'file:/b', answer: 'b' },
      ];
      document['hostname'] = { status, reason: 'sources-disagree', answers, sources: ['file:/a', 'file:/b'] };
      assert.equal(refusal(host, document).instancePath, '/hostname/answers');
    });
  }

  it('a fact of an unknown status, and one that rests on nothing', () => {
    const document = valid('host');
    at(document, 'hostname')['status'] = 'unknown';
    assert.ok(refusal(host, document).instancePath.startsWith('/hostname'));
    document['hostname'] = { status: 'observed', value: 'web1', sources: [] };
    assert.partialDeepStrictEqual(refusal(host, document), { instancePath: '/hostname/sources', keyword: 'minItems' });
  });

  it('a nested fact of a product that says nothing of why', () => {
    const document = valid('edr');
    at(document, 'products', 'value', 0)['tamperProtection'] = { status: 'unsupported', sources: ['command:x'] };
    assert.partialDeepStrictEqual(refusal(edr, document), {
      instancePath: '/products/value/0/tamperProtection',
      params: { missingProperty: 'reason' },
    });
    const { realTimeProtection: _left, ...product } = at(document, 'products', 'value', 0);
    at(document, 'products', 'value')[0] = product;
    assert.deepEqual(refusal(edr, document).params, { missingProperty: 'realTimeProtection' });
  });

  it('an instant without Z, with an offset, in lower case, or that is none', () => {
    const wrong = [
      '2026-01-02T03:04:05',
      '2026-01-02T03:04:05+00:00',
      '2026-01-02t03:04:05z',
      '2026-01-02T25:04:05Z',
      '2026-02-30T03:04:05Z',
      '2026-01-02',
      '2026-01-02T03:04:05Z\n',
    ];
    for (const instant of wrong) {
      const document = valid('statement');
      at(document, 'predicate', 'run')['startedAt'] = instant;
      assert.equal(refusal(statement, document).instancePath, '/predicate/run/startedAt', instant);
    }
    const document = valid('statement');
    at(document, 'predicate', 'run')['startedAt'] = '2024-02-29T03:04:05.123456789Z';
    assert.equal(statement(document), true);
  });

  it('a day that is none, or that pretends to know the time', () => {
    for (const day of ['2026-02-30', '2025-02-29', '2026-1-2', '20260102', '2026-01-02T00:00:00Z']) {
      const document = valid('edr');
      at(document, 'logRetention', 'value', 0)['oldestEntryAt'] = { on: day };
      assert.equal(edr(document), false, day);
      assert.ok(
        edr.errors?.some(({ instancePath }) => instancePath === '/logRetention/value/0/oldestEntryAt/on'),
        day,
      );
    }
  });

  it('a moment that is both an instant and a day', () => {
    const document = valid('edr');
    at(document, 'logRetention', 'value', 0)['oldestEntryAt'] = { at: '2026-01-02T03:04:05Z', on: '2026-01-02' };
    assert.equal(edr(document), false);
  });

  it('a digest in upper case, too short, too long, or with a line feed behind it', () => {
    const digest = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';
    for (const wrong of [digest.toUpperCase(), digest.slice(1), `${digest}0`, `${digest}\n`, '']) {
      const document = valid('sources');
      at(document, 'records', 0)['sha256'] = wrong;
      assert.partialDeepStrictEqual(refusal(sources, document), {
        instancePath: '/records/0/sha256',
        keyword: 'pattern',
      });
    }
    const held = valid('pack');
    held['documents'] = { [digest.toUpperCase()]: {} };
    assert.partialDeepStrictEqual(refusal(pack, held), { instancePath: '/documents' });
  });

  it('base64 that is not canonical', () => {
    for (const wrong of ['e30', 'e30=\n', 'e3-=', 'e30==', ' e30=']) {
      const document = valid('pack');
      at(document, 'bundle', 'dsseEnvelope')['payload'] = wrong;
      assert.equal(refusal(pack, document).instancePath, '/bundle/dsseEnvelope/payload', wrong);
    }
  });

  it('too many characters, counted as code points: an astral character is one', () => {
    const document = valid('problem');
    document['title'] = '🙂'.repeat(256);
    assert.equal(problem(document), true);
    document['title'] = '🙂'.repeat(257);
    assert.partialDeepStrictEqual(refusal(problem, document), {
      instancePath: '/title',
      keyword: 'maxLength',
      message: 'must NOT have more than 256 characters',
    });
  });

  it('a list with the same source twice', () => {
    const document = valid('host');
    at(document, 'hostname')['sources'] = ['file:/etc/hostname', 'system:identity', 'file:/etc/hostname'];
    assert.partialDeepStrictEqual(refusal(host, document), {
      instancePath: '/hostname/sources',
      keyword: 'uniqueItems',
    });
    assert.partialDeepStrictEqual(refusal(config, { collect: { disable: ['admins', 'admins'] } }), {
      instancePath: '/collect/disable',
      keyword: 'uniqueItems',
    });
  });

  it('numbers that are not what they count', () => {
    for (const wrong of [-1, 0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, '0', null]) {
      const document = valid('receipt');
      document['logIndex'] = wrong;
      assert.equal(refusal(receipt, document).instancePath, '/logIndex', String(wrong));
    }
  });

  it('escapes a member name with a slash or a tilde in the pointer', () => {
    const document = valid('recording');
    document['files'] = { '/etc/a~b': { text: 1 } };
    assert.equal(refusal(recording, document).instancePath, '/files/~1etc~1a~0b/text');
  });

  it('what is no object at all', () => {
    for (const value of [null, undefined, [], 'x', 1, true])
      assert.partialDeepStrictEqual(refusal(host, value), { instancePath: '', keyword: 'type' });
  });

  it('and forgets its errors with the next valid document', () => {
    refusal(host, {});
    assert.equal(host(valid('host')), true);
    assert.equal(host.errors, null);
  });
});
