/**
 * Makes ajv's standalone code small. Three things in it are not needed here and are more than half of
 * it: each error in full at the place where it is made, the context that dynamic references would
 * need, and whole schemas where only a list of names is read. The checks themselves are left as ajv wrote them.
 */

/** Text without braces outside strings: an expression that ajv writes for a path, parameters of an error. */
const bare = String.raw`(?:[^{}"]|"(?:[^"\\]|\\.)*")*?`;
const failure = new RegExp(
  String.raw`\{instancePath(?::(?<path>${bare}))?,schemaPath:"(?:[^"\\]|\\.)*",keyword:"(?<keyword>[\w ]+)",params:(?<params>\{${bare}\})(?:,propertyName:(?<name>\w+))?\}`,
  'g',
);
const context = new RegExp(
  String.raw`\{instancePath(?::(?<path>${bare}))?,parentData(?::\w+)?,parentDataProperty(?::${bare})?,rootData\}`,
  'g',
);
const signature =
  /\(data, \{instancePath="", parentData, parentDataProperty, rootData=data\}=\{\}\)\{(?:\/\*# sourceURL="[^"]*" \*\/;)?/g;
const joining = /vErrors === null \? (?<inner>validate\d+)\.errors : vErrors\.concat\(\k<inner>\.errors\)/g;

/** What an error says, in ajv's words. `params` are ajv's, described with each of its keywords. */
const runtime = `
function failure(instancePath, keyword, params) {
  return { instancePath, keyword, params, message: sentence(keyword, params) };
}
function refused(validator, instancePath, keyword, params) {
  validator.errors = [failure(instancePath, keyword, params)];
  return false;
}
function passed(validator, inner) {
  validator.errors = inner.errors;
  return false;
}
function joined(before, after) {
  return before === null ? after : before.concat(after);
}
function sentence(keyword, params) {
  switch (keyword) {
    case 'anyOf': return 'must match a schema in anyOf';
    case 'additionalProperties': return 'must NOT have additional properties';
    case 'const': return 'must be equal to constant';
    case 'enum': return 'must be equal to one of the allowed values';
    case 'false schema': return 'must not be given here';
    case 'format': return \`must match format "\${params.format}"\`;
    case 'if': return \`must match "\${params.failingKeyword}" schema\`;
    case 'maximum': case 'minimum': return \`must be \${params.comparison} \${params.limit}\`;
    case 'maxItems': return \`must NOT have more than \${params.limit} items\`;
    case 'minItems': return \`must NOT have fewer than \${params.limit} items\`;
    case 'maxLength': return \`must NOT have more than \${params.limit} characters\`;
    case 'minLength': return \`must NOT have fewer than \${params.limit} characters\`;
    case 'maxProperties': return \`must NOT have more than \${params.limit} properties\`;
    case 'minProperties': return \`must NOT have fewer than \${params.limit} properties\`;
    case 'not': return 'must NOT be valid';
    case 'oneOf': return 'must match exactly one schema in oneOf';
    case 'pattern': return \`must match pattern "\${params.pattern}"\`;
    case 'propertyNames': return 'property name must be valid';
    case 'required': return \`must have required property '\${params.missingProperty}'\`;
    case 'type': return \`must be \${params.type}\`;
    case 'uniqueItems': return \`must NOT have duplicate items (items ## \${params.j} and \${params.i} are identical)\`;
    default: return \`must satisfy \${keyword}\`;
  }
}
`;

/** Instead of whole schemas only what the code reads of them: the values of an enum, the names of members. */
function withoutSchemas(code: string): string {
  const schemas = new Map<string, unknown>();
  let text = code;
  for (const [declaration, name = ''] of code.matchAll(/const (schema\d+) = /g)) {
    const from = text.indexOf(declaration);
    const end = endOfStatement(text, from);
    schemas.set(name, JSON.parse(text.slice(from + declaration.length, end - 1)));
    text = text.slice(0, from) + text.slice(end);
  }
  const constants: string[] = [];
  const names = new Map<string, string>();
  text = text.replace(/\b(schema\d+)((?:\.[\w$]+|\["(?:[^"\\]|\\.)*"\])+)/g, (_read, schema: string, path: string) => {
    const keys = [...path.matchAll(/\.([\w$]+)|\[("(?:[^"\\]|\\.)*")\]/g)].map(
      ([, plain, quoted]) => plain ?? (JSON.parse(quoted ?? '""') as string),
    );
    const value = keys.reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], schemas.get(schema));
    const kept =
      keys.at(-1) === 'properties' ? Object.fromEntries(Object.keys(value as object).map((key) => [key, 0])) : value;
    const literal = JSON.stringify(kept);
    const name = names.get(literal) ?? `read${names.size}`;
    if (!names.has(literal)) constants.push(`const ${name} = ${literal};\n`);
    names.set(literal, name);
    return name;
  });
  const left = /\bschema\d+/.exec(text);
  if (left !== null)
    throw new Error(`ajv reads a schema in an unknown way: ${text.slice(left.index, left.index + 200)}`);
  return constants.join('') + text;
}

/** The place after the semicolon that ends the statement at `from`; strings are passed over. */
function endOfStatement(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === ';') return at + 1;
    if (text[at] !== '"') continue;
    for (at += 1; text[at] !== '"'; at += 1) if (text[at] === '\\') at += 1;
  }
  throw new Error('a statement of the validators has no end');
}

function replaced(code: string, pattern: RegExp, by: (groups: Record<string, string | undefined>) => string): string {
  return code.replace(pattern, (...match) => by((match.at(-1) ?? {}) as Record<string, string | undefined>));
}

/**
 * A function that returns at its first error keeps count of errors all the same, for the sake of unions
 * and conditions, which go on after one. Where it has none of these the count is always zero, and every
 * question about it is answered.
 */
function straightened(line: string): string {
  const name = /^function (validate\d+)\(/.exec(line)?.[1];
  if (name === undefined || /\berr\d+\b/.test(line)) return line;
  const text = line
    .replace(
      /if\(!\((validate\d+)\((.*?)\)\)\)\{vErrors = joined\(vErrors,\1\.errors\);errors = vErrors\.length;\}/g,
      (_call, inner: string, given: string) => `if(!${inner}(${given}))return passed(${name},${inner});`,
    )
    .replace(/var valid\d+ = _errs\d+ === errors;if\(!valid\d+\)\{break;\}/g, '')
    .replace(/var valid\d+ = _errs\d+ === errors;\}else \{var valid\d+ = true;\}if\(valid\d+\)\{/g, '}{')
    .replace(/var valid\d+ = _errs\d+ === errors;\}else \{var valid\d+ = true;\}/g, '}')
    .replace(/(?:const _errs\d+ = errors;|let vErrors = null;let errors = 0;|var valid\d+ = true;)/g, '')
    .replace(/if\(errors === (?:0|_errs\d+)\)\{|if\(_errs\d+ === errors\)\{/g, '{')
    .replace(/validate\d+\.errors = \[failure\((.*?)\)\];return false;(?:break;)?/g, `return refused(${name},$1);`)
    .replace(`${name}.errors = vErrors;return errors === 0;`, `${name}.errors = null;return true;`);
  return /vErrors|_errs|\bvalid\d+\b|[^.]\berrors\b/.test(text) ? line : text;
}

/** The same validators in less text; throws where ajv wrote something that is not known here. */
export function compactValidators(code: string): string {
  const before = code.match(/schemaPath:/g)?.length ?? 0;
  let failures = 0;
  let text = replaced(code, failure, ({ path, keyword, params, name }) => {
    failures += 1;
    const made = `failure(${path ?? 'instancePath'},"${keyword}",${params})`;
    return name === undefined ? made : `Object.assign(${made}, {propertyName:${name}})`;
  });
  if (failures !== before) throw new Error(`ajv wrote ${before - failures} errors in an unknown form`);
  text = replaced(text, context, ({ path }) => path ?? 'instancePath');
  text = replaced(text, joining, ({ inner }) => `joined(vErrors,${inner}.errors)`);
  text = text.replace(signature, '(data, instancePath="") {');
  const left = /dynamicAnchors|parentData|evaluated0/.exec(text);
  if (left !== null)
    throw new Error(`ajv wrote a context in an unknown form: ${text.slice(left.index, left.index + 200)}`);
  text = withoutSchemas(text);
  const lines = text
    .replaceAll('instancePath', 'at')
    .replace(/(?<=[;}])(?=function validate|export const )/g, '\n')
    .split('\n');
  return runtime + lines.map(straightened).join('\n');
}
