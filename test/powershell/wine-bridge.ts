/**
 * A PowerShell for the agent under Wine: what stands there as powershell.exe (test/judges/wine-powershell.c) leads here,
 * to a real engine over a recorded Windows. Owners and access rules of files, who asks, and DPAPI are not recorded:
 * for them the engine asks Wine.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { powershellArguments } from '../../agent/host/windows/start-powershell.ts';
import { fakesFor, type RecordedWindows } from './engine.ts';

export type Wine = {
  readonly wine: string;
  /** The program of test/judges/wine-powershell.c. */
  readonly helper: string;
  readonly env: Readonly<Record<string, string>>;
};

export type WineBridge = {
  readonly port: number;
  /** How many PowerShell processes were asked for. */
  readonly started: () => number;
  close(): Promise<void>;
};

/** After the prelude, whose functions it replaces, and before the first query. */
const firstQuery = Buffer.from("\nInvoke-AffiantQuery '");

export async function openWineBridge(engine: string, recorded: RecordedWindows, wine: Wine): Promise<WineBridge> {
  const setup = `\n${fakesFor(recorded)}${asksWine(wine)}`;
  const children = new Set<() => void>();
  let started = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    started += 1;
    const end = serve(socket, engine, setup, wine.env);
    children.add(end);
    socket.once('close', () => {
      children.delete(end);
      end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    started: () => started,
    async close() {
      for (const end of children) end();
      server.close();
      await once(server, 'close');
    },
  };
}

function serve(socket: Socket, engine: string, setup: string, env: Readonly<Record<string, string>>): () => void {
  const child = spawn(engine, powershellArguments, { env: { ...env, TERM: 'dumb', NO_COLOR: '1' }, detached: true });
  let waiting: Buffer | undefined = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    if (waiting === undefined) return void child.stdin.write(bytes);
    waiting = Buffer.concat([waiting, bytes]);
    const at = waiting.indexOf(firstQuery);
    if (at < 0) return undefined;
    child.stdin.write(waiting.subarray(0, at + 1));
    child.stdin.write(setup);
    child.stdin.write(waiting.subarray(at + 1));
    waiting = undefined;
    return undefined;
  });
  socket.on('end', () => child.stdin.end());
  socket.on('error', () => undefined);
  child.stdin.on('error', () => undefined);
  child.stdout.pipe(socket);
  return () => {
    socket.destroy();
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    try {
      // With whatever of Wine it started.
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      child.kill('SIGKILL');
    }
  };
}

function asksWine({ wine, helper }: Wine): string {
  return `function Get-Acl {
  param([string]$LiteralPath)
  $told = & '${wine}' '${helper}' '--sddl' $LiteralPath 2>$null
  if ($LASTEXITCODE -ne 0) { Throw-Fake @{ kind = 'win32'; code = $LASTEXITCODE; message = "no rules of $LiteralPath" } }
  return [pscustomobject]@{ Sddl = ([string]$told).Trim() }
}

function Get-Caller {
  $sid = & '${wine}' '${helper}' '--caller' 2>$null
  return @{ user = 'WINE\\root'; sid = ([string]$sid).Trim(); elevated = $true }
}

function Protect-Bytes {
  param([byte[]]$Bytes)
  return , [Convert]::FromBase64String(([string]([Convert]::ToBase64String($Bytes) | & '${wine}' '${helper}' '--protect' 2>$null)).Trim())
}

function Unprotect-Bytes {
  param([byte[]]$Bytes)
  return , [Convert]::FromBase64String(([string]([Convert]::ToBase64String($Bytes) | & '${wine}' '${helper}' '--unprotect' 2>$null)).Trim())
}

`;
}
