import assert from 'node:assert/strict';
import { scrubEnvironment } from '../../../agent/host/environment.ts';

describe('our own environment', () => {
  it('loses everything that could steer us or our children, and keeps the rest', () => {
    const keep = { INIT_CWD: '/home/x', AFFIANT_STATE: '/s', TERM: 'xterm', NO_COLOR: '1', LANG: 'de_DE.UTF-8' };
    const steering = {
      NODE_OPTIONS: '--require /tmp/x.js',
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      SSLKEYLOGFILE: '/tmp/k',
      SSL_CERT_FILE: '/tmp/c',
      OPENSSL_CONF: '/tmp/o',
      LD_PRELOAD: '/tmp/l.so',
      GCONV_PATH: '/tmp',
      BASH_ENV: '/tmp/b',
      'BASH_FUNC_ls%%': '() { :; }',
      ENV: '/tmp/e',
      IFS: 'x',
      PERL5LIB: '/tmp',
      PYTHONPATH: '/tmp',
    };
    const environment: NodeJS.ProcessEnv = { ...keep, ...steering, PATH: '/tmp:/usr/bin' };
    assert.deepEqual(scrubEnvironment(environment).toSorted(), Object.keys(steering).toSorted());
    const { PATH: path = '', ...rest } = environment;
    assert.deepEqual(rest, keep);
    assert.ok(!path.includes('/tmp'));
  });
});
