import { readdirSync, readFileSync } from "node:fs";
import { basename, dirname } from "node:path";
import { describe, expect, it } from "vitest";

const folder = new URL("./", import.meta.url);
const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
const scripts = files.filter((file) => file.endsWith(".lua"));

describe.each(scripts)("%s", (file) => {
  const text = readFileSync(new URL(file, folder), "utf8");
  const end = text.indexOf("\n\n");
  const header = text.slice(0, end);
  const body = text.slice(end);

  it("opens with what it does and what it returns", () => {
    expect(header).toMatch(/^-- [A-Z]/);
    expect(header).toMatch(/^-- Returns /m);
  });

  it("declares in its header every key and argument that it reads", () => {
    for (const kind of ["KEYS", "ARGV"]) {
      const used = [...body.matchAll(new RegExp(`${kind}\\[(\\d+)\\]`, "g"))].map((match) => match[1]);
      for (const index of new Set(used)) expect(header).toContain(`${kind}[${index}]`);
      if (new RegExp(`${kind}\\[[^\\d\\]]`).test(body))
        expect(header).toMatch(new RegExp(`${kind}(\\[\\.\\.\\.\\]| ) `));
    }
  });

  it("makes no key of its own: all come as KEYS", () => {
    expect(body).not.toMatch(/redis\.call\('\w+', *(?!KEYS|record|bucket|'BYSCORE'|\))['"]/);
    expect(body).not.toMatch(/\{[a-z]+\}:/);
  });

  it("has its caller beside it", () => {
    const callers = files.filter(
      (name) => dirname(name) === dirname(file) && name.endsWith(".ts") && !name.endsWith(".test.ts"),
    );
    const loads = callers.filter((name) =>
      readFileSync(new URL(name, folder), "utf8").includes(`loadScript(new URL("./${basename(file)}"`),
    );
    expect(loads).toHaveLength(1);
  });
});
