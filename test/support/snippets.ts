import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A fenced block of a page, or a command that stands within a line. */
export interface Snippet {
  page: string;
  /** Of a block what follows its fence, as `sh`; "" for none. `inline` for a command in a line. */
  kind: string;
  text: string;
}

/** What begins a command, as against a name or a value that stands in code. */
const COMMAND = /^(muster|npm|npx|node|docker|docker-compose|promtool|redis-cli|curl|nginx)( |$)/;

/** Every block and every command of the pages that people read. */
export const collectSnippets = (root: string): Snippet[] => {
  const pages = globSync(
    ["README.md", "SECURITY.md", "docs/*.md", "examples/*/README.md", "packages/client/README.md"],
    {
      cwd: root,
    },
  ).sort();
  return pages.flatMap((page) => {
    const text = readFileSync(join(root, page), "utf8");
    const blocks = [...text.matchAll(FENCED)].map(([, kind = "", block = ""]) => ({ page, kind, text: block }));
    const commands = [...text.replaceAll(FENCED, "").matchAll(/`([^`\n]+)`/g)]
      .map(([, code = ""]) => code.trim())
      .filter((code) => COMMAND.test(code));
    return [...blocks, ...[...new Set(commands)].map((command) => ({ page, kind: "inline", text: command }))];
  });
};

const FENCED = /^```(\w*)\n([\s\S]*?)^```$/gm;
