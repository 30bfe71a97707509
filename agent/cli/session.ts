/** What most commands begin with: the configuration, the state folder, the machine. */
import { ok, type Result, refuse } from '../../evidence/result.ts';
import { type Loaded, loadConfig } from '../config/load.ts';
import { readEnrolment } from '../enrol/enrolment-note.ts';
import type { Machine } from '../host/machine.ts';
import type { EndpointSettings } from '../post/transport.ts';
import { openState, type State } from '../spool/state.ts';
import type { Io } from './io.ts';
import { stateFolderOf } from './state-folder.ts';

export { stateFolderOf } from './state-folder.ts';
export { exitCodeOf, stop } from './stop.ts';

export const stateOptions = { state: 'text', config: 'text' } as const;

export type SessionOptions = { readonly state?: string | undefined; readonly config?: string | undefined };
export type Session = { readonly loaded: Loaded; readonly stateFolder: string };

export async function openSession(options: SessionOptions, io: Io): Promise<Result<Session>> {
  const loaded = await loadConfig(options.config === undefined ? undefined : io.path(options.config));
  if (!loaded.ok) return loaded;
  return ok({ loaded: loaded.value, stateFolder: stateFolderOf(options.state, io) });
}

export function openSessionState({ loaded, stateFolder }: Session, create: boolean): Result<State> {
  return openState(stateFolder, { create, now: () => new Date(), limits: loaded.settings.spool });
}

/** The endpoint that the command line names, else the configured one, else that of the enrolment; which is known again by its pinned keys. */
export function endpointOf(asked: string | undefined, session: Session): Result<EndpointSettings> {
  const configured = session.loaded.settings.endpoint;
  const state = openSessionState(session, false);
  const enrolled = state.ok ? readEnrolment(state.value) : ok(undefined);
  if (!enrolled.ok) return enrolled;
  const url = asked ?? configured?.url ?? enrolled.value?.endpoint;
  const pins = url !== undefined && url.replace(/\/+$/, '') === enrolled.value?.endpoint ? enrolled.value.pins : [];
  if (url !== undefined) return ok({ ...configured, url, ...(pins.length > 0 && { pins }) });
  // An enrolment may lie in a folder that is not to be believed: then that is what is to be said.
  if (!state.ok && state.refusal.code !== 'state-missing') return state;
  return refuse('config-endpoint-missing', 'no endpoint is configured', {
    remedy: 'enrol (affiant enroll), set endpoint.url in affiant.yaml, or give --endpoint URL',
  });
}

/** This machine; what reads another system's is never loaded. */
export async function localMachine(): Promise<Result<Machine>> {
  if (process.platform === 'linux') return ok((await import('../host/local-linux.ts')).localLinux());
  if (process.platform === 'win32') return ok((await import('../host/local-windows.ts')).localWindows());
  return refuse('platform-unsupported', `collecting on ${process.platform} is not covered yet`, {
    remedy: 'replay a recording of the machine: affiant collect --host replay:DIR',
  });
}
