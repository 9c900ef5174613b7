/** The report of a sweep in a real browser. `SB_SCREENSHOTS=FOLDER` keeps pictures of it. */
import { assert, assertEquals } from "@std/assert";
import { cellsCsv, reportHtml, reportSvgs, resultDocument } from "../../src/sweep/report/mod.ts";
import { executable, skipUnless } from "../skip.ts";
import { BEHAVIOURS, syntheticSweep } from "../unit/sweep/report/synthetic.ts";
import { Browser, CHROMIUM } from "./browser.ts";

const VERSION = { version: "1.2.3" };
const HOSTILE = "</script><img/src=x/onerror=window.hacked=1>'\"&amp;";

interface Step {
  name: string;
  run: (browser: Browser, folder: string) => Promise<void>;
}

const sweep = syntheticSweep({ failures: [3] });

async function keep(browser: Browser, name: string): Promise<void> {
  const folder = Deno.env.get("SB_SCREENSHOTS");
  if (folder) await browser.screenshot(`${folder}/${name}.png`);
}

/** What went wrong in the page by the browser's own account, and what it asked for beside itself. */
function complaints({ events }: Browser): string[] {
  return events.flatMap(({ method, params }) => {
    if (method === "Runtime.exceptionThrown") {
      return [params.exceptionDetails.exception?.description ?? params.exceptionDetails.text];
    }
    if (method === "Runtime.consoleAPICalled") return [`console.${params.type}`];
    if (method === "Log.entryAdded") return [params.entry.text];
    if (method !== "Network.requestWillBeSent") return [];
    const { url } = params.request;
    return /^file:\/\/.*\/\w+\.html$/.test(url) || url === "data:," ? [] : [`asks for ${url}`];
  });
}

/** Contrast of text with what is behind it (WCAG 2.1), the least of all text in the page. */
const LEAST_CONTRAST = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgb = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
    .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return rgb("white");
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let least = [Infinity, ""];
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.data.trim() || !element.checkVisibility() || element.closest("script, title")) continue;
    const style = getComputedStyle(element);
    const own = light(rgb(element instanceof SVGElement ? style.fill : style.color));
    const other = light(behind(element));
    const contrast = (Math.max(own, other) + 0.05) / (Math.min(own, other) + 0.05);
    if (contrast < least[0]) least = [contrast, walker.currentNode.data];
  }
  return least;
})()`;

const STEPS: Step[] = [
  {
    name: "it opens without an error, and asks for nothing",
    async run(browser) {
      await keep(browser, "light");
      assertEquals(complaints(browser), []);
      assertEquals(await browser.evaluate("document.documentElement.classList.contains('scripted')"), true);
      // The control: what breaks the page's own policy is seen.
      await browser.evaluate("fetch('http://192.0.2.1/').catch(() => {})");
      assert(complaints(browser).some((text) => text.includes("Content Security Policy")));
    },
  },
  {
    name: "it answers first: what matters most is in its first screen",
    async run(browser) {
      const { ranking: [first] } = sweep.result;
      const answer = await browser.evaluate<{ text: string; bottom: number }>(
        `(() => { const p = document.querySelector(".answer p"); return { text: p.textContent, bottom: p.getBoundingClientRect().bottom }; })()`,
      );
      assert(answer.text.startsWith(`What matters most is ${first}: every µs added`), answer.text);
      assert(answer.bottom < 400);
    },
  },
  {
    name: "every function has its picture, and the numbers of the result are in the tables",
    async run(browser) {
      const names = await browser.evaluate<string[]>(
        `[...document.querySelectorAll("article h3")].map((h) => h.textContent)`,
      );
      assertEquals(names, sweep.result.ranking);
      assertEquals(await browser.evaluate(`document.querySelectorAll("article .plot .fit").length`), 6);
      const rows = await browser.evaluate<string[]>(
        `[...document.querySelector("#ranking").parentElement.querySelectorAll("tbody tr")].map((row) => row.textContent)`,
      );
      for (const [place, name] of sweep.result.ranking.entries()) {
        const target = sweep.result.targets.find((one) => one.name === name);
        assert(target && rows[place].startsWith(name));
        if (target.sensitivity && target.hitsPerRun > 0) {
          assert(
            rows[place].replaceAll("−", "-").includes(
              target.sensitivity.value.toFixed(2).replace("-0.00", "0.00"),
            ),
          );
        }
      }
    },
  },
  {
    name: "text can be read on light and on dark",
    async run(browser) {
      const backgrounds: string[] = [];
      for (const scheme of ["light", "dark"] as const) {
        await browser.media("screen", scheme);
        await keep(browser, scheme);
        backgrounds.push(await browser.evaluate("getComputedStyle(document.body).backgroundColor"));
        const [contrast, text] = await browser.evaluate<[number, string]>(LEAST_CONTRAST);
        assert(contrast >= 4.5, `${contrast} in ${scheme}: ${text}`);
      }
      assert(backgrounds[0] !== backgrounds[1]);
      await browser.media("screen", "light");
    },
  },
  {
    name: "a narrow screen scrolls one way only, and no text of a picture leaves it",
    async run(browser) {
      for (const width of [360, 768, 1200]) {
        await browser.resize(width, 800);
        await keep(browser, `width_${width}`);
        assertEquals(await browser.evaluate("document.documentElement.scrollWidth"), width);
        const cut = await browser.evaluate<string[]>(
          `[...document.querySelectorAll(".plot")].flatMap((plot) => {
          const box = plot.getBoundingClientRect();
          return [...plot.querySelectorAll("text")].filter((text) => {
            const own = text.getBoundingClientRect();
            return own.left < box.left - 1 || own.right > box.right + 1 || own.top < box.top - 1 || own.bottom > box.bottom + 1;
          }).map((text) => text.textContent);
        })`,
        );
        assertEquals(cut, []);
      }
    },
  },
  {
    name: "keys reach every mark of a picture, and say what it is",
    async run(browser) {
      await browser.evaluate(`document.querySelector("#response-1-figure .plot").focus()`);
      const tips: string[] = [];
      for (const key of ["ArrowRight", "ArrowRight", "ArrowLeft", "ArrowLeft"]) {
        await browser.press(key);
        tips.push(await browser.evaluate("document.getElementById('tip').textContent"));
      }
      assert(/^0 ns a call, \d+ runs: /.test(tips[0]), tips[0]);
      assert(/^1 µs a call, /.test(tips[1]), tips[1]);
      assert(/^10 µs a call, /.test(tips[3]), tips[3]);
      await browser.press("Escape");
      assertEquals(await browser.evaluate("document.getElementById('tip').textContent"), "");
    },
  },
  {
    name: "the pointer on a run says what it was",
    async run(browser) {
      const { x, y } = await browser.evaluate<{ x: number; y: number }>(`(() => {
        const mark = document.querySelector(".plot .cells > *");
        mark.scrollIntoView({ block: "center" });
        const box = mark.getBoundingClientRect();
        return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
      })()`);
      await new Promise((resolve) => setTimeout(resolve, 100));
      await browser.send("Input.dispatchMouseEvent", { type: "mouseMoved", x, y });
      const tip = await browser.evaluate<string>("document.getElementById('tip').textContent");
      assert(/^(run \d+ with|\d+ .s a call)|^0 ns a call/.test(tip), tip);
    },
  },
  {
    name: "boxes hide runs, fits and what is extrapolated",
    async run(browser) {
      const visible = (part: string) =>
        browser.evaluate<number>(
          `[...document.querySelectorAll("article .plot .${part}")].filter((mark) => getComputedStyle(mark).display !== "none").length`,
        );
      for (
        const [box, part] of [["cells", "cells"], ["fit", "fit"], ["gain", "extrapolated"], [
          "whole",
          "whole",
        ]]
      ) {
        assert(await visible(part) > 0, part);
        await browser.evaluate(`document.getElementById("show-${box}").click()`);
        assertEquals(await visible(part), 0, part);
        await browser.evaluate(`document.getElementById("show-${box}").click()`);
      }
    },
  },
  {
    name: "the buttons save the result, the runs and the pictures",
    async run(browser, folder) {
      await browser.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: folder });
      const saved = async (selector: string, name: string) => {
        await browser.evaluate(`document.querySelector(${JSON.stringify(selector)}).click()`);
        for (let tries = 0; tries < 1000; tries++) {
          const text = await Deno.readTextFile(`${folder}/${name}`).catch(() => "");
          if (text !== "") return text;
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        throw new Error(`${name} was not saved`);
      };
      const { result, records } = sweep;
      assertEquals(
        JSON.parse(await saved("[data-save=json]", "bench.sweep.json")),
        JSON.parse(JSON.stringify(resultDocument(result, VERSION))),
      );
      assertEquals(await saved("[data-save=cells_csv]", "bench.cells.csv"), cellsCsv(records));
      const svg = await saved("[data-name='ranking.svg']", "ranking.svg");
      assert(svg.startsWith("<svg") && !svg.includes("var(--"), svg.slice(0, 200));
    },
  },
  {
    name: "pictures saved as files are well-formed XML, with the same marks as in the page",
    async run(browser) {
      const svgs = await reportSvgs(sweep.result, sweep.records);
      for (const [name, text] of Object.entries(svgs)) {
        const [isBad, texts] = await browser.evaluate<[boolean, string]>(
          `(() => { const file = new DOMParser().parseFromString(${JSON.stringify(text)}, "image/svg+xml");
            return [file.querySelector("parsererror") !== null, [...file.querySelectorAll("text")].map((one) => one.textContent).join()]; })()`,
        );
        assertEquals(isBad, false, name);
        if (name !== "ranking.svg") continue;
        const shown =
          `[...document.querySelectorAll("#ranking-figure text")].map((one) => one.textContent).join()`;
        assertEquals(texts, await browser.evaluate(shown));
      }
    },
  },
  {
    name: "on paper it is light, has no buttons, and nothing is cut off",
    async run(browser) {
      await browser.media("print", "dark");
      await keep(browser, "print");
      assertEquals(
        await browser.evaluate("getComputedStyle(document.body).backgroundColor"),
        "rgb(255, 255, 255)",
      );
      assertEquals(
        await browser.evaluate(
          `[...document.querySelectorAll("button, .tools")].filter((one) => one.checkVisibility()).length`,
        ),
        0,
      );
      const { data } = await browser.send("Page.printToPDF", { printBackground: false });
      assert((data as string).length > 10_000);
      await browser.media("screen", "light");
    },
  },
  {
    name: "without scripts it shows all its pictures",
    async run(browser, folder) {
      await browser.send("Emulation.setScriptExecutionDisabled", { value: true });
      await browser.open(`${folder}/report.html`);
      await keep(browser, "no_scripts");
      await browser.send("Emulation.setScriptExecutionDisabled", { value: false });
      assertEquals(await browser.evaluate(`document.querySelectorAll(".plot .fit path").length`), 6);
      assertEquals(await browser.evaluate("document.documentElement.classList.contains('scripted')"), false);
      assertEquals(
        await browser.evaluate(
          `[...document.querySelectorAll("button")].filter((one) => one.checkVisibility()).length`,
        ),
        0,
      );
      assertEquals(complaints(browser), []);
    },
  },
  {
    name: "hostile names and commands stay text",
    async run(browser, folder) {
      await browser.open(`${folder}/hostile.html`);
      await keep(browser, "hostile");
      assertEquals(complaints(browser), []);
      assertEquals(
        await browser.evaluate("window.hacked === undefined && document.images.length === 0"),
        true,
      );
      assertEquals(await browser.evaluate("document.querySelector('article h3').textContent"), HOSTILE);
      await browser.resize(360, 800);
      assertEquals(await browser.evaluate("document.documentElement.scrollWidth"), 360);
    },
  },
];

Deno.test({
  ...skipUnless("the report of a sweep is shown by a browser as it is meant", executable(CHROMIUM)),
  async fn(test) {
    const folder = await Deno.makeTempDir({ prefix: "sb_report_" });
    const browser = await Browser.start();
    try {
      const hostile = syntheticSweep({
        behaviours: {
          [HOSTILE]: BEHAVIOURS.PyObject_GetAttr,
          ["x".repeat(200)]: BEHAVIOURS.malloc,
          "名前の長い関数": BEHAVIOURS.gc_collect,
        },
        command: ["sh", "-c", `echo "${HOSTILE}"\n${"y".repeat(300)}`],
        blocks: 4,
      });
      await Deno.writeTextFile(
        `${folder}/report.html`,
        await reportHtml(sweep.result, sweep.records, VERSION),
      );
      await Deno.writeTextFile(
        `${folder}/hostile.html`,
        await reportHtml(hostile.result, hostile.records, VERSION),
      );
      await browser.resize(1200, 900);
      await browser.open(`${folder}/report.html`);
      for (const { name, run } of STEPS) await test.step(name, () => run(browser, folder));
    } finally {
      await browser.close();
      await Deno.remove(folder, { recursive: true });
    }
  },
});
