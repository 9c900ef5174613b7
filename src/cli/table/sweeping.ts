/** The command that makes experiments: sweep. Data only. */
import type { CommandRow, OptionRow } from "./model.ts";

const EXPERIMENT: readonly OptionRow[] = [
  {
    long: "slow",
    short: "s",
    value: "[NAME=]TARGET",
    repeat: true,
    completion: "target",
    help:
      "A function to slow, or several together: TARGET+TARGET, or a pattern. NAME is what the results call it. Repeat for more; a file's targets stay",
  },
  {
    long: "delays",
    value: "LIST",
    help:
      "Delays of a hit, 0,1us,5us,20us; auto (default) chooses 4 to 5 for each target that add 2 % to 80 % to a run",
  },
  {
    long: "repeats",
    value: "N|MIN..MAX",
    help: "Runs of each target under each delay (10); from MIN on it ends when --until holds, at MAX anyway",
  },
  {
    long: "until",
    value: "SHARE",
    help: "Stop once the 95 % interval of each sensitivity is this wide (5%); repeats are 3..30 then",
  },
  {
    long: "warmups",
    value: "N",
    help: "Runs of each target before the first that is measured (1); auto delays take one at least",
  },
  {
    long: "metric",
    value: "METRIC",
    help: "What is read off a run: wall (default), user+sys, regex:…, json:… or command:…",
  },
  {
    long: "better",
    value: "WHICH",
    choices: ["lower", "higher"],
    help: "Which results of regex, json or command are better (lower)",
  },
  { long: "seed", value: "N", help: "Of the order of the runs and of the intervals' draws (1)" },
  {
    long: "budget",
    value: "T",
    help: "Start no run that will probably not end within T, warm-ups included; whole blocks where possible",
  },
  { long: "max-failures", value: "N", help: "End after so many failed runs (3)" },
  {
    long: "backend",
    value: "NAME",
    choices: ["auto", "ebpf", "kmod"],
    help: "What carries the probes out (see sb help run)",
  },
];

const RESULTS: readonly OptionRow[] = [
  {
    long: "results",
    value: "NAME",
    completion: "file",
    help:
      "What the names of the results begin with: NAME.cells.ndjson, NAME.sweep.json, NAME.report.html; without it FILE's name, or sweep",
  },
  { long: "resume", help: "Go on with the results of that name: runs that are there are not repeated" },
  { long: "force", help: "Replace the results of that name" },
  {
    long: "html",
    value: "FILE",
    completion: "file",
    help: "Write the report to FILE instead of NAME.report.html",
  },
  { long: "no-html", help: "Write no HTML report" },
  { long: "svg", help: "Write the pictures of the report as NAME.*.svg, too" },
  { long: "csv", help: "Write NAME.cells.csv and NAME.levels.csv, too" },
  {
    long: "no-gain",
    help: "Do not time the functions (two runs or more), nor extrapolate to what half their time would give",
  },
  {
    long: "show-output",
    help: "Pass on what COMMAND writes, to stdout and stderr; otherwise it is dropped",
  },
  { long: "dry-run", help: "Resolve targets and print the design; run nothing" },
  {
    long: "report",
    value: "NAME",
    completion: "file",
    help: "Run nothing: analyse NAME's cells again and write its results and reports anew",
  },
  {
    long: "output",
    short: "o",
    value: "FILE",
    completion: "file",
    help: "Write the answer to FILE, to stdout (-) or to an open descriptor (&N) instead of stderr",
  },
];

/** `sb sweep`. */
export const SWEEP: CommandRow = {
  name: "sweep",
  summary: "Find out which function matters, by slowing each and measuring",
  forms: [
    "[OPTIONS] FILE.toml [-- COMMAND [ARGUMENT]…]",
    "[OPTIONS] --slow TARGET… -- COMMAND [ARGUMENT]…",
    "[OPTIONS] --report NAME",
  ],
  description: [
    "Runs COMMAND again and again, each time with one of the targets slowed by one of the delays, in random order, and tells for each target how much of the added time reaches the result, with 95 % intervals: all of it (sensitivity 1), none (hidden), none up to a slack, or more (a lock). A table and a plot go to stderr, a report for a browser beside them.",
    "Each run is kept in NAME.cells.ndjson as it ends. Ctrl-C gives the run in progress up and analyses what is there; --resume goes on, after a crash too. A second Ctrl-C ends at once.",
  ],
  options: [...EXPERIMENT, ...RESULTS],
  operands: ["[FILE.toml]"],
  operandCompletion: ["file"],
  takesCommandBehind: true,
  reports: true,
  sections: [
    {
      title: "TARGETS",
      lines: [
        "libc:malloc  'python3:PyDict_*'  alloc=libc:malloc+libc:calloc",
        "See sb help run.",
      ],
    },
    {
      title: "METRICS",
      lines: [
        "wall                  from the command's exec to its end",
        "user+sys              processor time, less what the delays spun",
        "regex:qps: ([0-9.]+)  the last match in the command's stdout",
        "json:.runs[0].qps     a member of the JSON document it wrote last",
        "command:./score.sh    the number that another program prints, which reads",
        "                      the command's stdout; words apart at spaces",
      ],
    },
    {
      title: "FILE.toml",
      lines: [
        "version = 1                        metric = { regex = '…', better = 'higher' }",
        "command = ['python3', 'bench.py']  repeats = { min = 3, max = 30, until = '5%' }",
        "delays = ['0', '1us', '5us']       [[target]]",
        "warmups, seed, budget,             name = 'getattr'",
        "max_failures, backend              target = 'python3:PyObject_GetAttr'",
        "Options given here win. docs/sweep.md has all of it.",
      ],
    },
    {
      title: "EXIT STATUS",
      lines: [
        "0 analysed, 1 a run failed (what is there is analysed all the same), 2 usage,",
        "3 not supported here, 4 permission",
      ],
    },
  ],
  examples: [
    {
      line: "sudo sb sweep --slow python3:PyObject_GetAttr --slow libc:malloc -- python3 bench.py",
      what: "which of two functions matters to a benchmark, and by how much",
    },
    {
      line: "sudo sb sweep getattr.toml --budget 10m",
      what: "an experiment of a file, ten minutes at the most",
    },
    { line: "sudo sb sweep getattr.toml --resume", what: "go on after Ctrl-C, or after a crash" },
    {
      line:
        "sudo sb sweep --slow ./server:parse --delays 0,1us,5us,20us --repeats 3..20 --until 5% --metric 'regex:qps: ([0-9.]+)' --better higher -- ./bench.sh",
      what: "a throughput; stop when the intervals are narrow",
    },
    { line: "sb sweep --report getattr --svg", what: "draw again, without running anything" },
  ],
};
