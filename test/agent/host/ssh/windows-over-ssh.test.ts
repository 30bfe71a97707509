/** What is decided without a server: which one is a Windows, what its shell said, and how a line is written for it. */
import assert from 'node:assert/strict';
import { identificationIn, isWindowsServer } from '../../../../agent/host/ssh/identification.ts';
import {
  powershellLine,
  probeLine,
  readProbe,
  taskkillLine,
  type WindowsShell,
} from '../../../../agent/host/ssh/windows-shell.ts';

const mark = 'affiant-0123456789abcdef01234567';

describe('how an SSH server names itself', () => {
  it('is the line that begins with SSH-, whatever comes before it', () => {
    const named = (text: string): string | undefined => identificationIn(Buffer.from(text, 'latin1'));
    assert.equal(named('SSH-2.0-OpenSSH_for_Windows_9.5\r\n\x00\x01'), 'SSH-2.0-OpenSSH_for_Windows_9.5');
    assert.equal(named('Authorised use only.\r\nSSH-2.0-OpenSSH_9.2p1 Debian-2\r\n'), 'SSH-2.0-OpenSSH_9.2p1 Debian-2');
    assert.equal(named('SSH-2.0-OpenSSH_for_Win'), undefined);
    assert.equal(named('220 mail SSH-2.0-x\r\n'), undefined);
    assert.equal(named(''), undefined);
  });

  it('says Windows only where the program says so, not where an administrator added words to its name', () => {
    for (const name of [
      'SSH-2.0-OpenSSH_for_Windows_7.7',
      'SSH-2.0-OpenSSH_for_Windows_9.8 Win32-OpenSSH-GitHub',
      'SSH-2.0-OpenSSH_7.1p1 Microsoft_Win32_port_with_VS',
    ])
      assert.ok(isWindowsServer(name), name);
    for (const name of ['SSH-2.0-OpenSSH_9.2p1 Debian-2 OpenSSH_for_Windows_9.5', 'SSH-2.0-dropbear', ''])
      assert.ok(!isWindowsServer(name), name);
  });
});

describe('the shell of a login on Windows', () => {
  const windows = String.raw`D:\WINNT`;
  const words = String.raw`%SystemRoot% $env:SystemRoot $SYSTEMROOT`;

  it('is known by the variables that it fills in', () => {
    assert.equal(probeLine(mark), `echo ${mark} ${words}`);
    assert.deepEqual(readProbe(`${mark} ${windows} $env:SystemRoot $SYSTEMROOT\r\n`, mark), { kind: 'cmd', windows });
    assert.deepEqual(readProbe(`Welcome\r\n${mark}\r\n%SystemRoot%\r\n${windows}\r\n\r\n`, mark), {
      kind: 'powershell',
      windows,
    });
    assert.deepEqual(readProbe(`${mark} %SystemRoot% :SystemRoot ${windows}\n`, mark), { kind: 'posix', windows });
  });

  it('is none that we know where nothing is filled in, something else is, or the folder could be read as more than one word', () => {
    for (const said of [
      '',
      mark,
      `${mark} ${words}`,
      `${mark} %SystemRoot% :SystemRoot\n`,
      `${mark} /usr $env:SystemRoot $SYSTEMROOT`,
      `${mark} C:\\Windows&calc $env:SystemRoot $SYSTEMROOT`,
      `${mark} C:\\Program Files $env:SystemRoot $SYSTEMROOT`,
      `other-mark ${windows} $env:SystemRoot $SYSTEMROOT`,
    ])
      assert.equal(readProbe(said, mark), undefined, said);
  });

  it('gets lines without a quote, and with a slash only where a backslash would vanish', () => {
    const lines = (kind: WindowsShell['kind']): string[] => [
      powershellLine({ kind, windows }),
      taskkillLine({ kind, windows }, 4711),
    ];
    const rest = '-NoLogo -NoProfile -NonInteractive -OutputFormat Text -Command -';
    assert.deepEqual(lines('posix'), [
      `D:/WINNT/System32/WindowsPowerShell/v1.0/powershell.exe ${rest}`,
      'D:/WINNT/System32/taskkill.exe -T -F -PID 4711',
    ]);
    for (const kind of ['cmd', 'powershell'] as const)
      assert.deepEqual(lines(kind), [
        `D:\\WINNT\\System32\\WindowsPowerShell\\v1.0\\powershell.exe ${rest}`,
        'D:\\WINNT\\System32\\taskkill.exe -T -F -PID 4711',
      ]);
  });
});
