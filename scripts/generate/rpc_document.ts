/** docs/rpc.md: the protocol in words, from rpc_prose.md, the schema, and the answers in the transcript. */
import {
  isOptional,
  type MethodRow,
  METHODS,
  NOTIFICATIONS,
  NUMBERS,
  type ObjectShape,
  type Shape,
} from "../../rpc/schema/mod.ts";
import { BATCH_ITEMS, LINE_BYTES, NESTING, QUEUED_BYTES } from "../../rpc/wire/mod.ts";
import { type NamedObject, namedObjects } from "./named_objects.ts";

type Message = Record<string, unknown>;

const CUT = "error −32700, and the connection is cut";

const LIMITS: readonly (readonly [string, string, string])[] = [
  ["a line", `${LINE_BYTES} bytes`, CUT],
  ["arrays and objects within each other", String(NESTING), CUT],
  ["what is not UTF-8", "none", CUT],
  ["requests in a batch", String(BATCH_ITEMS), "error −32600 for the whole batch"],
  [
    "what waits for a client that does not read",
    `${QUEUED_BYTES} bytes`,
    "the connection is cut; others do not notice",
  ],
];

/** docs/rpc.md. */
export function rpcDocument(): string {
  const prose = Deno.readTextFileSync(new URL("rpc_prose.md", import.meta.url));
  const parts: Readonly<Record<string, () => string>> = {
    LIMITS: () =>
      [row("limit", "", "beyond it"), "|---|---|---|", ...LIMITS.map((cells) => row(...cells))].join("\n"),
    NUMBERS: () =>
      [
        row("`error.code`", ""),
        "|---|---|",
        ...Object.values(NUMBERS).map(({ code, sentence }) => row(minus(code), sentence)),
      ].join("\n"),
    METHODS: () =>
      Object.entries(METHODS).map(([name, method]) => methodSection(name, method)).join("\n").trimEnd(),
    NOTIFICATIONS: () => Object.entries(NOTIFICATIONS).map(notificationSection).join("\n").trimEnd(),
    OBJECTS: () =>
      namedObjects().filter(({ name }) => !WITHIN.has(name)).map(objectSection).join("\n").trimEnd(),
  };
  return prose.replace(
    /\{\{(\w+)(?: ([\w.]+))?\}\}/g,
    (_, part: string, method?: string) =>
      method === undefined ? parts[part]() : JSON.stringify(exampleOf(method)!.answer),
  );
}

/** Objects of parameters that several methods take: they stand among the objects. */
const TAKEN_OFTEN: ReadonlySet<string> = new Set(
  Object.values(METHODS).map(({ params }): ObjectShape => params).flatMap(({ name }, index, all) =>
    name !== undefined && all.findIndex((params) => params.name === name) !== index ? [name] : []
  ),
);

/** Objects that their method's own section tells of. */
const WITHIN: ReadonlySet<string> = new Set([
  ...Object.values(METHODS).flatMap(({ params, result }) => [params, result]),
  ...Object.values(NOTIFICATIONS).map(({ params }) => params),
].flatMap((shape) =>
  "members" in shape && shape.name !== undefined && !isShared(shape.name) ? [shape.name] : []
));

/** Whether an object stands for itself: it is a part of another one, or several methods take it. */
function isShared(name: string): boolean {
  return TAKEN_OFTEN.has(name) ||
    namedObjects().some(({ members }) =>
      (Object.values(members) as Shape[]).some((shape) => nameOf(shape) === name)
    );
}

function nameOf(shape: Shape): string | undefined {
  if (shape.type === "nullable" || shape.type === "list") return nameOf(shape.of);
  return shape.type === "object" ? shape.name : undefined;
}

/** A negative number as a text has it. */
function minus(value: number): string {
  return String(value).replace("-", "−");
}

function row(...cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function link(name: string): string {
  return `[${name}](#${name.toLowerCase()})`;
}

/** What values a shape has, for a table. */
function kind(shape: Shape): string {
  switch (shape.type) {
    case "integer":
    case "number": {
      const { min, max } = shape;
      const range = max === Number.MAX_SAFE_INTEGER
        ? (min === 0 ? "" : `, from ${min}`)
        : `, ${min} to ${max}`;
      return `${shape.type}${range}; ${shape.unit}`;
    }
    case "choice":
      return shape.values.map((value) => `\`"${value}"\``).join(", ");
    case "true":
      return "`true`";
    case "nullable":
      return `${kind(shape.of)}; or null`;
    case "list":
      return `array of ${kind(shape.of)}`;
    case "document":
      return "object";
    case "object":
      return shape.name === undefined ? "object" : link(shape.name);
    default:
      return shape.type;
  }
}

function memberRow([name, shape]: [string, Shape]): string {
  const value = shape.default === undefined ? "" : `; ${JSON.stringify(shape.default)} without it`;
  return row(
    `\`${name}\``,
    kind(shape),
    `${isOptional(shape) ? "May be absent. " : ""}${shape.sentence.replace(/\.$/, "")}${value}.`,
  );
}

/** The members, and what holds for several of them. */
function membersTable(title: string, { members, exactlyOne, atMostOne, atLeastOne }: ObjectShape): string[] {
  const rows = Object.entries(members as Record<string, Shape>).map(memberRow);
  const names = (among: readonly string[]) => among.map((name) => `\`${name}\``).join(", ");
  const rules = [
    ...(exactlyOne.length > 0 ? [`Exactly one of ${names(exactlyOne)} is given.`] : []),
    ...(atMostOne.length > 0 ? [`At most one of ${names(atMostOne)} is given.`] : []),
    ...(atLeastOne.length > 0 ? [`At least one of ${names(atLeastOne)} is given.`] : []),
  ];
  return [
    ...(rows.length > 0 ? ["", row(title, "", ""), "|---|---|---|", ...rows] : []),
    ...(rules.length > 0 ? ["", rules.join(" ")] : []),
  ];
}

function methodSection(name: string, { sentence, details, params, result, errors }: MethodRow): string {
  const classes = errors.map((error) => minus(NUMBERS[error].code));
  return [
    `### ${name}`,
    "",
    details === "" ? sentence : `${sentence} ${details}`,
    ...parameterLines(params),
    ...(result.type === "object" ? answerLines(result) : ["", `Answers: ${result.sentence}`]),
    ...(classes.length > 0 ? ["", `Errors besides those of every method: ${classes.join(", ")}.`] : []),
    ...example(name),
    "",
  ].join("\n");
}

function parameterLines(params: ObjectShape): string[] {
  if (params.name !== undefined && isShared(params.name)) return ["", `Takes ${link(params.name)}.`];
  return membersTable("parameter", params);
}

function answerLines(result: ObjectShape): string[] {
  if (Object.keys(result.members).length === 0) return ["", "Answers `{}`."];
  if (isShared(result.name!)) return ["", `Answers ${link(result.name!)}.`];
  return membersTable("answer", result);
}

function notificationSection(
  [name, { sentence, params }]: [string, typeof NOTIFICATIONS[keyof typeof NOTIFICATIONS]],
): string {
  return [`### ${name}`, "", sentence, ...membersTable("member", params), ...notificationExample(name), ""]
    .join("\n");
}

function objectSection(shape: NamedObject): string {
  return [`### ${shape.name}`, "", shape.sentence, ...membersTable("member", shape), ""].join("\n");
}

/** The lines of the transcript, in order: `{client}` or `{server}`. */
function transcript(): Record<string, Message>[] {
  const text = Deno.readTextFileSync(new URL("../../rpc/transcript.jsonl", import.meta.url));
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** The first call of a method in the transcript. */
function exampleOf(method: string): { request: Message; answer: Message } | undefined {
  const lines = transcript();
  const at = lines.findIndex(({ client }) => client?.method === method);
  return at < 0 ? undefined : { request: lines[at].client, answer: lines[at + 1].server };
}

function fenced(...messages: readonly Message[]): string[] {
  return ["", "```json", ...messages.map((message) => JSON.stringify(message)), "```"];
}

function example(method: string): string[] {
  const found = exampleOf(method);
  return found === undefined ? [] : fenced(found.request, found.answer);
}

function notificationExample(name: string): string[] {
  const found = transcript().find(({ server }) => server?.method === name);
  return found === undefined ? [] : fenced(found.server);
}
