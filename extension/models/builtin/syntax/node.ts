import type { Tree } from '@vscode/tree-sitter-wasm';

/** A node of a syntax tree as a plain object; types and fields are those of the tree-sitter grammars. Rows count from 0. */
export class SyntaxNode {
  readonly type: string;
  readonly isNamed: boolean;
  readonly start: number;
  readonly end: number;
  readonly row: number;
  readonly endRow: number;
  readonly field: string | null;
  readonly parent: SyntaxNode | null;
  readonly children: SyntaxNode[] = [];
  readonly #text: string;

  private constructor(
    facts: Pick<SyntaxNode, 'type' | 'isNamed' | 'start' | 'end' | 'row' | 'endRow' | 'field'>,
    parent: SyntaxNode | null,
    text: string,
  ) {
    this.type = facts.type;
    this.isNamed = facts.isNamed;
    this.start = facts.start;
    this.end = facts.end;
    this.row = facts.row;
    this.endRow = facts.endRow;
    this.field = facts.field;
    this.parent = parent;
    this.#text = text;
  }

  /** Copies a whole tree, without recursion: hostile code nests deeper than the stack is high. */
  static fromTree(tree: Tree, text: string): SyntaxNode {
    const cursor = tree.walk();
    const read = (parent: SyntaxNode | null): SyntaxNode => {
      const facts = {
        type: cursor.nodeType,
        isNamed: cursor.nodeIsNamed,
        start: cursor.startIndex,
        end: cursor.endIndex,
        row: cursor.startPosition.row,
        endRow: cursor.endPosition.row,
        field: cursor.currentFieldName,
      };
      const node = new SyntaxNode(facts, parent, text);
      parent?.children.push(node);
      return node;
    };
    try {
      const root = read(null);
      let current = root;
      for (;;) {
        if (cursor.gotoFirstChild()) {
          current = read(current);
          continue;
        }
        while (!cursor.gotoNextSibling()) {
          if (!cursor.gotoParent()) return root;
          current = current.parent!;
        }
        current = read(current.parent);
      }
    } finally {
      cursor.delete();
    }
  }

  get text(): string {
    return this.#text.slice(this.start, this.end);
  }

  get named(): SyntaxNode[] {
    return this.children.filter((child) => child.isNamed && child.type !== 'comment');
  }

  at(field: string): SyntaxNode | undefined {
    return this.children.find((child) => child.field === field);
  }

  /** This node and all below it, in the order of the text. */
  *walk(): Generator<SyntaxNode> {
    const open: SyntaxNode[] = [this];
    for (let node = open.pop(); node; node = open.pop()) {
      yield node;
      for (let index = node.children.length - 1; index >= 0; index--) open.push(node.children[index]!);
    }
  }

  /** The nodes around this one, from the inside to the outside. */
  *around(): Generator<SyntaxNode> {
    for (let node = this.parent; node; node = node.parent) yield node;
  }

  contains(other: SyntaxNode): boolean {
    return this.start <= other.start && other.end <= this.end;
  }
}
