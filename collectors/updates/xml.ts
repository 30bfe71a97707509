/**
 * The little of XML that zypper prints: elements, attributes, text, the five entities and numeric ones. No
 * document types, so nothing can expand; no namespaces. Comments and processing instructions are passed over.
 */
import { type Parsed, parsed, unparsed } from '../fact.ts';

export type XmlElement = {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Its own text, without that of its children. */
  readonly text: string;
};

type Open = { name: string; attributes: Map<string, string>; children: Open[]; text: string };

const maxDepth = 64;
const token =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[\w.:-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|([^<]+)/y;

/** The outermost element. Fails with `not-xml`, and with `xml-unfinished` where the text ends inside an element. */
export function parseXml(text: string): Parsed<XmlElement> {
  const root: Open = { name: '', attributes: new Map(), children: [], text: '' };
  const stack: Open[] = [root];
  token.lastIndex = 0;
  while (token.lastIndex < text.length) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (match === null) return unparsed('not-xml', `at character ${at}`);
    const [, cdata, closing, name, attributes = '', single, content] = match;
    const top = stack.at(-1) ?? root;
    if (content !== undefined) top.text += unescaped(content);
    else if (cdata !== undefined) top.text += cdata;
    else if (name !== undefined && closing === '/') {
      if (top.name !== name || stack.length < 2) return unparsed('not-xml', `at character ${at}`);
      stack.pop();
    } else if (name !== undefined) {
      const element: Open = { name, attributes: attributesOf(attributes), children: [], text: '' };
      top.children.push(element);
      if (single !== '/') stack.push(element);
      if (stack.length > maxDepth) return unparsed('xml-too-deep');
    }
  }
  if (stack.length > 1) return unparsed('xml-unfinished');
  const [first] = root.children;
  return first === undefined || root.children.length > 1 || root.text.trim() !== ''
    ? unparsed('not-xml')
    : parsed(first);
}

/** All elements of this name at any depth, in order. */
export function elementsNamed(element: XmlElement, name: string): XmlElement[] {
  return element.children.flatMap((child) => [...(child.name === name ? [child] : []), ...elementsNamed(child, name)]);
}

function attributesOf(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(/([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)].map(
      ([, name = '', double, single]) => [name, unescaped(double ?? single ?? '')] as const,
    ),
  );
}

const entities: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

function unescaped(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9A-Fa-f]{1,6})|(\w{1,8}));/g, (whole, decimal, hex, name: string) => {
    if (name !== undefined) return entities.get(name) ?? whole;
    const code = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code).toWellFormed() : whole;
  });
}
