/** A real browser for tests: Debian's Chromium without a window, driven by its debugging protocol. */

/** Where Debian's package puts it. */
export const CHROMIUM = "/usr/bin/chromium";

const START_LIMIT_MS = 60_000;

type Members = Record<string, unknown>;

/** What the browser tells of by itself. */
export interface BrowserEvent {
  method: string;
  // deno-lint-ignore no-explicit-any -- the protocol has hundreds of shapes
  params: any;
}

interface Waiting {
  resolve: (result: Members) => void;
  reject: (error: Error) => void;
}

/** The address that Chromium prints when it listens. */
async function readAddress(stderr: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stderr.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    text += value ?? "";
    const match = /^DevTools listening on (ws:\S+)$/m.exec(text);
    if (match) {
      // It goes on to write there: a full pipe would stop it.
      drain(reader);
      return match[1];
    }
    if (done) throw new Error(`Chromium ended: ${text}`);
  }
}

async function drain(reader: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await reader.read()).done);
}

/** A browser with one page. */
export class Browser {
  readonly #child: Deno.ChildProcess;
  readonly #folder: string;
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, Waiting>();
  /** All events since the page was last opened. */
  events: BrowserEvent[] = [];
  #last = 0;
  #session: string | undefined;

  private constructor(child: Deno.ChildProcess, folder: string, socket: WebSocket) {
    this.#child = child;
    this.#folder = folder;
    this.#socket = socket;
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
  }

  /** Starts Chromium. It has no network: every name and address but files leads nowhere. */
  static async start(): Promise<Browser> {
    const folder = await Deno.makeTempDir({ prefix: "sb_browser_" });
    const child = new Deno.Command(CHROMIUM, {
      args: [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--hide-scrollbars",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--remote-debugging-port=0",
        `--user-data-dir=${folder}`,
        "about:blank",
      ],
      env: { HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const timer = setTimeout(() => child.kill("SIGKILL"), START_LIMIT_MS);
    try {
      const socket = new WebSocket(await readAddress(child.stderr));
      await new Promise((resolve, reject) => {
        socket.onopen = resolve;
        socket.onerror = reject;
      });
      const browser = new Browser(child, folder, socket);
      const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
      const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
      browser.#session = sessionId as string;
      for (const domain of ["Page", "Runtime", "Log", "Network"]) await browser.send(`${domain}.enable`);
      return browser;
    } finally {
      clearTimeout(timer);
    }
  }

  #take(
    message: {
      id?: number;
      result?: Members;
      error?: { message: string };
      method?: string;
      params?: Members;
    },
  ) {
    if (message.id === undefined) {
      this.events.push({ method: message.method ?? "", params: message.params });
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.error) waiting?.reject(new Error(message.error.message));
    else waiting?.resolve(message.result ?? {});
  }

  /** Calls a method of the protocol. */
  send(method: string, params: Members = {}): Promise<Members> {
    const id = ++this.#last;
    const { promise, resolve, reject } = Promise.withResolvers<Members>();
    this.#waiting.set(id, { resolve, reject });
    this.#socket.send(JSON.stringify({ id, method, params, sessionId: this.#session }));
    return promise;
  }

  /** Opens a file, and waits until it is loaded. */
  async open(path: string): Promise<void> {
    this.events = [];
    await this.send("Page.navigate", { url: `file://${path}` });
    while (!this.events.some(({ method }) => method === "Page.loadEventFired")) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** The value of an expression in the page, which may be a promise. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", {
      expression,
      returnByValue: true,
      awaitPromise: true,
    }) as { result: { value: T }; exceptionDetails?: unknown };
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  }

  /** The size of the page's window. */
  async resize(width: number, height: number): Promise<void> {
    await this.send("Emulation.setDeviceMetricsOverride", {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: false,
    });
  }

  /** What the page is shown on, and in which colours. */
  async media(media: "screen" | "print", scheme: "light" | "dark"): Promise<void> {
    await this.send("Emulation.setEmulatedMedia", {
      media,
      features: [{ name: "prefers-color-scheme", value: scheme }],
    });
  }

  /** Presses a key. */
  async press(key: string): Promise<void> {
    for (const type of ["keyDown", "keyUp"]) {
      await this.send("Input.dispatchKeyEvent", { type, key, code: key });
    }
  }

  /** A picture of the whole page. */
  async screenshot(path: string): Promise<void> {
    const { data } = await this.send("Page.captureScreenshot", { captureBeyondViewport: true });
    await Deno.writeFile(path, Uint8Array.from(atob(data as string), (byte) => byte.charCodeAt(0)));
  }

  /** Ends the browser, and what it wrote. */
  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#socket.onclose = resolve);
    this.#session = undefined;
    this.send("Browser.close").catch(() => {});
    await Promise.all([closed, this.#child.status]);
    await Deno.remove(this.#folder, { recursive: true });
  }
}
