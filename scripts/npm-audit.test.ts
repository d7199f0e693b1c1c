import { describe, expect, it } from "vitest";
import { audit, readAudit } from "./npm-audit.ts";

describe("npm knows of no weakness", () => {
  it.for<[string, string[]]>([
    ["in what is shipped", ["--omit=dev"]],
    ["in what it is built and tested with", []],
  ])("%s", { timeout: 90_000 }, ([, options], { skip }) => {
    const answer = audit(options);
    if ("unreachable" in answer) {
      console.warn(`npm audit is left out, for the registry can't be asked: ${answer.unreachable}`);
      skip(answer.unreachable);
    } else expect(answer.found).toEqual([]);
  });
});

it("a report is read as what it found, and a registry that can't be asked as nothing found and nothing excluded", () => {
  const vulnerabilities = { ws: { name: "ws", severity: "high", range: "<8.17.1", via: [] } };
  expect(readAudit(JSON.stringify({ auditReportVersion: 2, vulnerabilities }))).toEqual({
    found: ["ws <8.17.1: high"],
  });
  expect(readAudit('{"auditReportVersion":2,"vulnerabilities":{}}')).toEqual({ found: [] });
  expect(readAudit('{"message":"405 Method Not Allowed","statusCode":405}')).toEqual({
    unreachable: "405 Method Not Allowed",
  });
  // It was asked the wrong way: that is no reason to leave it out.
  expect(() => readAudit('{"error":{"code":"ENOLOCK"}}')).toThrow("npm audit said");
  expect(() => readAudit("{}")).toThrow("npm audit said");
});
