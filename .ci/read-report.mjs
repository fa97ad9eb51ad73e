#!/usr/bin/env node
// Counts and names what a run of vitest says: the first line is "PASSED FAILED SKIPPED", then come
// every failed test (file, name, first line of each try) and those that passed at a later try only.
//
// usage: read-report.mjs REPORT STATUS LABEL
//
// STATUS is what vitest ended with: a file that failed outside of its tests, a report that was not
// written, and an end with a failure that no test knows of (an error after a test, a worker that
// died) count as one failed test each.
import { existsSync, readFileSync } from "node:fs";
import { relative } from "node:path";

const [path = "", status = "", label = ""] = process.argv.slice(2);
const LONGEST = 300;
const names = [];
const failed = (text) => names.push(`FAILED (${label}): ${text}`);

/** The first lines of messages, without colours, each once. A test out of time has but this word. */
function firstLines(messages) {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape that begins a colour
  const plain = messages.map((message) => message.replace(/\u001b\[[0-9;]*m/gu, "").trim());
  const lines = plain.map((message) => message.split("\n", 1)[0].slice(0, LONGEST));
  const told = lines.map((line) => line.replace("Error: STACK_TRACE_ERROR", "timed out"));
  return [...new Set(told)].join(" | ");
}

function nameTests(file) {
  const name = relative(process.cwd(), file.name);
  const before = names.length;
  for (const test of file.assertionResults) {
    const said = `${name} > ${test.fullName}: ${firstLines(test.failureMessages)}`;
    if (test.status === "failed") failed(`${said} (${Math.round(test.duration ?? 0)} ms)`);
  }
  if (file.status === "failed" && names.length === before)
    failed(`${name}: ${firstLines([file.message ?? ""])}`);
  for (const test of file.assertionResults)
    if (test.status === "passed" && test.failureMessages.length > 0)
      names.push(
        `RETRIED (${label}): ${name} > ${test.fullName}: ${firstLines(test.failureMessages)}`,
      );
}

const text = existsSync(path) ? readFileSync(path, "utf8") : "";
const report = text === "" ? { testResults: [] } : JSON.parse(text);
for (const file of report.testResults) nameTests(file);
const isFailure = (name) => name.startsWith("FAILED");
if (text === "") failed(`${path} was not written`);
else if (status !== "0" && !names.some(isFailure))
  failed(`vitest ended with ${status} though no test failed; see "Errors" in its output`);

const { numPassedTests = 0, numPendingTests = 0, numTodoTests = 0 } = report;
const counts = [numPassedTests, names.filter(isFailure).length, numPendingTests + numTodoTests];
process.stdout.write(`${[counts.join(" "), ...names].join("\n")}\n`);
