/** What the house rules need to know of a source file: what it imports, and whether it reaches for time or chance. */
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

export interface SourceFile {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Mention {
  readonly name: string;
  readonly line: number;
}

export const root: string = fileURLToPath(new URL('../..', import.meta.url));

/** Every TypeScript file under `folder`, which may not exist. */
export function readSources(folder: string): readonly SourceFile[] {
  let names: string[];
  try {
    names = readdirSync(posix.join(root, folder), { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
  return names
    .map((name) => posix.join(folder, name.replaceAll('\\', '/')))
    .filter((path) => /\.[cm]?ts$/.test(path) && !/\/(node_modules|dist|fixtures)\//.test(path))
    .map((path) => ({ path, text: readFileSync(posix.join(root, path), 'utf8') }));
}

const trees = new WeakMap<SourceFile, ts.SourceFile>();

function treeOf(file: SourceFile): ts.SourceFile {
  const known = trees.get(file);
  if (known) return known;
  const tree = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, true);
  trees.set(file, tree);
  return tree;
}

/** Calls `visit` with every node of the file and the line it starts on. */
function walk(file: SourceFile, visit: (node: ts.Node, line: number) => void): void {
  const tree = treeOf(file);
  const step = (node: ts.Node): void => {
    visit(node, tree.getLineAndCharacterOfPosition(node.getStart()).line + 1);
    ts.forEachChild(node, step);
  };
  step(tree);
}

/** The module a node names: import, export from, import(), require(), import type, `import('x').T`. */
function moduleOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isExternalModuleReference(node)) return node.expression;
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
    return node.argument.literal;
  if (!ts.isCallExpression(node)) return undefined;
  const { expression } = node;
  const isImport = expression.kind === ts.SyntaxKind.ImportKeyword;
  return isImport || expression.getText() === 'require' ? node.arguments[0] : undefined;
}

/** Every module that the file names, types included. */
export function importsOf(file: SourceFile): readonly Mention[] {
  const found: Mention[] = [];
  walk(file, (node, line) => {
    const module = moduleOf(node);
    if (module && ts.isStringLiteralLike(module)) found.push({ name: module.text, line });
  });
  return found;
}

const globals = new Set(['setTimeout', 'setInterval', 'performance']);
const members = new Set(['Date.now', 'Math.random', 'AbortSignal.timeout', 'process.hrtime']);
const owners = new Set(['globalThis', 'global', 'window', 'self']);

/** The name by which a node reaches for the real clock or for real chance. */
function timeOrChance(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node) && globals.has(node.text)) {
    const { parent } = node;
    // `socket.setTimeout()` is the socket's own, and `{ performance: 1 }` is a name.
    if (ts.isPropertyAccessExpression(parent) && parent.name === node) {
      return owners.has(parent.expression.getText()) ? node.text : undefined;
    }
    const isName = 'name' in parent && parent.name === node;
    return isName || ts.isImportSpecifier(parent) ? undefined : node.text;
  }
  if (ts.isPropertyAccessExpression(node)) {
    const owner = node.expression.getText().split('.').at(-1);
    const name = `${owner}.${node.name.text}`;
    return members.has(name) ? name : undefined;
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date') {
    return node.arguments?.length ? undefined : 'new Date()';
  }
  return undefined;
}

/** Where the file reaches for the real clock or for real chance. */
export function timeAndChanceIn(file: SourceFile): readonly Mention[] {
  const found: Mention[] = [];
  walk(file, (node, line) => {
    const name = timeOrChance(node);
    if (name) found.push({ name, line });
  });
  return found;
}
