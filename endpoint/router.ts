import { type Answer, problem, problemAnswer } from './answer.ts';
import type { Handler, Route } from './call.ts';

/** The route of a request, or the answer where it has none. */
export type Found =
  | { readonly handle: Handler; readonly path: string; readonly parameters: Readonly<Record<string, string>> }
  | { readonly answer: Answer };

type Address = { readonly path: string; readonly segments: readonly string[]; readonly methods: Map<string, Handler> };

/** What a parameter of a path may look like; each handler narrows it further. */
const parameterForm = /^[A-Za-z0-9._~-]{1,200}$/;

/** Finds routes. Throws where two routes have one address and method. */
export function makeRouter(routes: readonly Route[]): (method: string, path: string) => Found {
  const addresses = new Map<string, Address>();
  for (const { method, path, handle } of routes) {
    const address = addresses.get(path) ?? { path, segments: path.split('/'), methods: new Map<string, Handler>() };
    if (address.methods.has(method)) throw new Error(`two routes for ${method} ${path}`);
    address.methods.set(method, handle);
    if (method === 'GET') address.methods.set('HEAD', handle);
    addresses.set(path, address);
  }
  // Plain segments before parameters: an address that is written out in full is never taken for a parameter.
  const ordered = [...addresses.values()].toSorted((one, other) => countOf(one) - countOf(other));

  function at(address: Address, method: string, parameters: Record<string, string>): Found {
    const handle = address.methods.get(method);
    if (handle !== undefined) return { handle, path: address.path, parameters };
    return {
      answer: problemAnswer(problem(405, 'method-not-allowed', 'This address does not take that method.'), {
        allow: [...address.methods.keys()].join(', '),
      }),
    };
  }

  return (method, path) => {
    const plain = addresses.get(path);
    if (plain !== undefined && countOf(plain) === 0) return at(plain, method, {});
    const segments = path.split('/');
    for (const address of ordered) {
      const parameters = parametersOf(address, segments);
      if (parameters !== undefined) return at(address, method, parameters);
    }
    return { answer: problemAnswer(problem(404, 'not-found', 'The endpoint has nothing at this address.')) };
  };
}

function isParameter(segment: string): boolean {
  return segment.startsWith('{') && segment.endsWith('}');
}

function countOf({ segments }: Address): number {
  return segments.filter(isParameter).length;
}

/** A last `{name...}` takes the rest of the path, as the addresses of log tiles need. */
function parametersOf({ segments }: Address, given: readonly string[]): Record<string, string> | undefined {
  const parameters: Record<string, string> = {};
  const rest = segments.at(-1)?.endsWith('...}') === true ? segments.length - 1 : undefined;
  if (rest === undefined ? given.length !== segments.length : given.length <= rest) return undefined;
  for (const [index, segment] of segments.entries()) {
    const value = given[index] ?? '';
    if (index === rest) {
      const tail = given.slice(index);
      if (!tail.every((part) => parameterForm.test(part))) return undefined;
      parameters[segment.slice(1, -4)] = tail.join('/');
    } else if (isParameter(segment)) {
      if (!parameterForm.test(value)) return undefined;
      parameters[segment.slice(1, -1)] = value;
    } else if (segment !== value) return undefined;
  }
  return parameters;
}
