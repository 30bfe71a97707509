import { defaultConfigFile } from '../config/load.ts';
import { applyStep } from './apply-plan.ts';

/** What stands in the configuration of a new Windows server until somebody fills it in. */
export const defaultConfig = `# Affiant's configuration. All settings have safe defaults: nothing needs to stand here.
# Files in conf.d\\*.yaml beside it are read after it, in order of their names; later ones win.
# install.md beside the program shows the usual settings.
#
# endpoint:
#   url: https://evidence.example.org
`.replaceAll('\n', '\r\n');

/** Where there is no folder of configuration and state yet: as the first step of `affiant service install`. */
export function beginConfiguration(): ReturnType<typeof applyStep> {
  return applyStep({ kind: 'begin', path: defaultConfigFile(), text: defaultConfig });
}
