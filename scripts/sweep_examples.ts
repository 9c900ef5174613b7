/** `scripts/sweep_examples [NAME…]`: the sweeps of docs/examples, their inputs, and where what they print goes. */
import { type Random, randomFrom } from "../src/stats/mod.ts";

const EXAMPLES = new URL("../docs/examples/", import.meta.url).pathname;
const SB = new URL("sb", import.meta.url).pathname;
const METHODOLOGY = new URL("../docs/methodology.md", import.meta.url).pathname;
const BENCH = new URL("bench", import.meta.url).pathname;
const SWEEPS = ["archive", "orders", "pack"];
/** The benchmark of programs with known answers. */
const TRUTH = "sweep_truth";
const NAMES = [...SWEEPS, TRUTH];
/** What is kept of NAME.*; the answer as it is printed is NAME.txt. */
const KEPT = ["cells.ndjson", "sweep.json", "report.html", "txt"];
/** Neither sb nor the command waits for a processor behind what else the machine does. */
const REAL_TIME = ["--fifo", "10"];
const LINES = 60_000;
const ORDERS = 40;

function pick<T>(values: readonly T[], random: Random): T {
  return values[random.below(values.length)];
}

/** A log of requests, the same each time. */
function accessLog(): string {
  const random = randomFrom(1);
  const statuses = [...Array(17).fill(200), 304, 404, 500];
  const sections = ["cart", "api/orders", "images", "login", "search"];
  return Array.from(
    { length: LINES },
    () =>
      `host${random.below(500)} GET /${pick(sections, random)}/${random.below(3000)} ${
        pick(statuses, random)
      }\n`,
  ).join("");
}

/** Statements for SQLite's shell: orders, each a transaction of its own, and what is asked of them. */
function orders(): string {
  const random = randomFrom(2);
  const inserts = Array.from(
    { length: ORDERS },
    () =>
      `insert into orders (customer, total) values ('customer${random.below(20)}', ${
        random.below(100_000) / 100
      });`,
  );
  const query = "select customer, sum(total) from orders group by customer order by 2 desc limit 3;";
  return [
    "drop table if exists orders;",
    "create table orders (id integer primary key, customer text, total real);",
    "create index by_customer on orders (customer);",
    ...inserts,
    ...Array(20).fill(query),
    "",
  ].join("\n");
}

/** The table of an answer and the sentences below it. */
function tableOf(answer: string): string {
  const lines = answer.split("\n");
  const from = lines.findIndex((line) => line.startsWith("FUNCTION"));
  const to = lines.findIndex((line) => /^(IF HALVED|warning):/.test(line));
  return lines.slice(from, to).join("\n").trimEnd();
}

/** Puts what was printed where the page shows it: behind a comment that names its file. */
function show(name: string, printed: string): void {
  const page = Deno.readTextFileSync(METHODOLOGY);
  const mark = `<!-- examples/${name}.txt -->\n\`\`\`text\n`;
  const from = page.indexOf(mark) + mark.length;
  if (from < mark.length) throw new Error(`${METHODOLOGY} does not show ${name}.txt`);
  Deno.writeTextFileSync(
    METHODOLOGY,
    `${page.slice(0, from)}${printed.trimEnd()}\n${page.slice(page.indexOf("```", from))}`,
  );
}

/** Sweeps an example in a folder with its inputs. */
function sweep(name: string, folder: string): void {
  Deno.copyFileSync(`${EXAMPLES}${name}.toml`, `${folder}/${name}.toml`);
  const { success } = new Deno.Command("chrt", {
    args: [...REAL_TIME, SB, "sweep", `${name}.toml`, "-o", `${name}.txt`],
    cwd: folder,
    stdin: "null",
    stderr: "inherit",
  }).outputSync();
  if (!success) throw new Error(`the sweep of ${name}.toml failed`);
  for (const kind of KEPT) Deno.copyFileSync(`${folder}/${name}.${kind}`, `${EXAMPLES}${name}.${kind}`);
  const answer = Deno.readTextFileSync(`${folder}/${name}.txt`);
  show(name, tableOf(answer));
  console.log(answer);
}

function measureTruth(): void {
  const { stdout } = new Deno.Command(BENCH, { args: [TRUTH], stdin: "null", stderr: "inherit" })
    .outputSync();
  const printed = new TextDecoder().decode(stdout);
  Deno.writeTextFileSync(`${EXAMPLES}${TRUTH}.txt`, printed);
  show(TRUTH, printed);
  console.log(printed);
}

const names = Deno.args.length > 0 ? Deno.args : NAMES;
const unknown = names.find((name) => !NAMES.includes(name));
if (unknown !== undefined) {
  console.error(`error: no example "${unknown}"; there are ${NAMES.join(", ")}`);
  Deno.exit(2);
}
// Not on tmpfs: what the examples write must reach a disk.
const folder = Deno.makeTempDirSync({ dir: "/var/tmp", prefix: "sweep-examples-" });
try {
  Deno.writeTextFileSync(`${folder}/access.log`, accessLog());
  Deno.writeTextFileSync(`${folder}/orders.sql`, orders());
  Deno.copyFileSync(`${EXAMPLES}archive.py`, `${folder}/archive.py`);
  for (const name of names) {
    if (name === TRUTH) measureTruth();
    else sweep(name, folder);
  }
} finally {
  Deno.removeSync(folder, { recursive: true });
}
