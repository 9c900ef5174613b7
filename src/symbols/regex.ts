/**
 * Regular expressions that run in linear time: a Thompson automaton, determinised as the text demands. Pure.
 * JavaScript's own backtrack, and a pattern of a target comes from anyone who may ask for a probe.
 */
import { SbError } from "../core/mod.ts";
import { type ClassRange, type Node, parseRegex } from "./regex_syntax.ts";

/** The most automaton states of one pattern; `(a{100}){100}` would need 10,000. */
const MAX_STATES = 4000;
/** Determinised states kept at a time; beyond it they are forgotten and made again. */
const MAX_CACHED = 1000;
/** Codes below it share one flat transition table; those above are looked up one by one. */
const ASCII = 128;

type State =
  | { kind: "ranges"; ranges: readonly ClassRange[]; next: number }
  | { kind: "split"; next: number; other: number }
  | { kind: "start" | "end"; next: number }
  | { kind: "match" };

interface Configuration {
  /** States that consume a character, or match; sorted. */
  states: number[];
  /** The pattern matched here, whatever follows. */
  matched: boolean;
  /** The pattern matches when the text ends here. */
  matchesAtEnd: boolean;
  /** Transitions by code below 128. */
  next: (Configuration | undefined)[];
}

/** A compiled pattern. */
export interface Pattern {
  /** Whether the pattern occurs in `text`: time linear in its length. */
  test(text: string): boolean;
}

/**
 * Compiles a regular expression: literals, `.`, classes, `\d \w \s \D \W \S`, groups, `|`, `* + ? {m,n}`, `^ $`.
 * It is searched for anywhere in the text unless anchored.
 *
 * @throws SbError `usage.target` for what is malformed, not offered (back references, look-around) or too large
 */
export function compileRegex(source: string): Pattern {
  return new Automaton(parseRegex(source), source);
}

class Automaton implements Pattern {
  #states: State[] = [{ kind: "match" }];
  #first: number;
  #source: string;
  #cache = new Map<string, Configuration>();
  #initial: Configuration;

  constructor(tree: Node, source: string) {
    this.#source = source;
    this.#first = this.#build(tree, 0);
    this.#initial = this.#configure([this.#first], true);
  }

  test(text: string): boolean {
    let now = this.#initial;
    for (let at = 0; at < text.length; at++) {
      if (now.matched) return true;
      const code = text.charCodeAt(at);
      now = (code < ASCII ? now.next[code] : undefined) ?? this.#step(now, code);
    }
    return now.matched || now.matchesAtEnd;
  }

  #add(state: State): number {
    if (this.#states.length >= MAX_STATES) {
      throw new SbError(
        "usage.target",
        `Cannot use the regex "/${this.#source}/": its repetitions are too large`,
        {
          hint: `Use smaller {m,n}: the pattern may have ${MAX_STATES} states when written out`,
        },
      );
    }
    return this.#states.push(state) - 1;
  }

  /** Adds the states of `node` so that they lead to `next`. @returns the first of them */
  #build(node: Node, next: number): number {
    switch (node.kind) {
      case "ranges":
        return this.#add({ kind: "ranges", ranges: node.ranges, next });
      case "start":
      case "end":
        return this.#add({ kind: node.kind, next });
      case "sequence":
        return node.items.reduceRight((follow, item) => this.#build(item, follow), next);
      case "either":
        return node.branches.map((branch) => this.#build(branch, next))
          .reduceRight((other, branch) => this.#add({ kind: "split", next: branch, other }));
      case "repeat": {
        let follow = next;
        if (node.most === Infinity) {
          const loop: State = { kind: "split", next: 0, other: next };
          follow = this.#add(loop);
          loop.next = this.#build(node.item, follow);
        } else {
          for (let extra = node.most - node.least; extra > 0; extra--) {
            follow = this.#add({ kind: "split", next: this.#build(node.item, follow), other: next });
          }
        }
        for (let count = 0; count < node.least; count++) follow = this.#build(node.item, follow);
        return follow;
      }
    }
  }

  #step(now: Configuration, code: number): Configuration {
    const seeds = [this.#first];
    for (const index of now.states) {
      const state = this.#states[index];
      if (state.kind === "ranges" && state.ranges.some(([low, high]) => code >= low && code <= high)) {
        seeds.push(state.next);
      }
    }
    const next = this.#configure(seeds, false);
    if (code < ASCII) now.next[code] = next;
    return next;
  }

  /** The configuration of the states reached from `seeds` without consuming anything. */
  #configure(seeds: number[], atStart: boolean): Configuration {
    const here = this.#close(seeds, { atStart, atEnd: false });
    const states = [...here].filter((index) => this.#states[index].kind !== "split").sort((a, b) => a - b);
    const key = `${atStart ? "^" : ""}${states.join()}`;
    const known = this.#cache.get(key);
    if (known) return known;
    if (this.#cache.size >= MAX_CACHED) {
      for (const old of this.#cache.values()) old.next.length = 0;
      this.#cache.clear();
    }
    const made: Configuration = {
      states,
      matched: here.has(0),
      matchesAtEnd: this.#close(seeds, { atStart, atEnd: true }).has(0),
      next: [],
    };
    this.#cache.set(key, made);
    return made;
  }

  #close(seeds: number[], where: { atStart: boolean; atEnd: boolean }): Set<number> {
    const seen = new Set<number>();
    const todo = [...seeds];
    for (let index = todo.pop(); index !== undefined; index = todo.pop()) {
      if (seen.has(index)) continue;
      seen.add(index);
      const state = this.#states[index];
      if (state.kind === "split") todo.push(state.next, state.other);
      else if (state.kind === "start" && where.atStart) todo.push(state.next);
      else if (state.kind === "end" && where.atEnd) todo.push(state.next);
    }
    return seen;
  }
}
