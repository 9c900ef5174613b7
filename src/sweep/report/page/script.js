// Tooltips by pointer and by arrow keys, and downloads. The page says all it has to say without this.
(() => {
  const root = document.documentElement;
  root.classList.add("scripted");
  const tip = document.getElementById("tip");
  let pointed = null;

  /** The element of a picture that has a tooltip of its own. */
  const titled = (node) => {
    for (let at = node; at instanceof SVGElement; at = at.parentElement) {
      if (at.dataset.tip !== undefined) return at;
    }
    return null;
  };

  function place() {
    if (!pointed) return;
    const box = pointed.getBoundingClientRect();
    const own = tip.getBoundingClientRect();
    const left = box.left + box.width / 2 - own.width / 2;
    const above = box.top - own.height - 8;
    tip.style.left = `${Math.max(8, Math.min(left, root.clientWidth - own.width - 8))}px`;
    tip.style.top = `${above < 8 ? box.bottom + 8 : above}px`;
  }

  function show(mark) {
    if (pointed === mark) return;
    pointed?.classList.remove("pointed");
    pointed = mark;
    tip.textContent = mark?.dataset.tip ?? "";
    mark?.classList.add("pointed");
    place();
  }

  // The browser's own tooltips are late and cannot be had by keyboard.
  for (const title of document.querySelectorAll(".plot title")) {
    title.parentElement.dataset.tip = title.textContent;
    title.remove();
  }
  for (const plot of document.querySelectorAll(".plot")) {
    const marks = [
      ...plot.querySelectorAll(".levels [data-tip], .sensitivity[data-tip], .sensitivity [data-tip]"),
    ];
    if (marks.length === 0) continue;
    plot.setAttribute("tabindex", "0");
    let at = -1;
    plot.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (event.key === "Escape") show(null);
      if (step === undefined) return;
      event.preventDefault();
      at = at < 0 && step < 0 ? marks.length - 1 : (at + step + marks.length) % marks.length;
      show(marks[at]);
    });
    plot.addEventListener("blur", () => show(null));
  }
  document.addEventListener("pointermove", (event) => show(titled(event.target)));
  document.addEventListener("pointerdown", (event) => show(titled(event.target)));
  document.addEventListener("scroll", place, { capture: true, passive: true });

  function save(name, type, text) {
    const link = document.createElement("a");
    link.download = name;
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  const data = JSON.parse(document.getElementById("sweep-data").textContent);

  /** The picture as a file: its colours in place of their names, and the tooltips as titles again. */
  function svgText(plot) {
    const copy = plot.cloneNode(true);
    for (const mark of copy.querySelectorAll("[data-tip]")) {
      const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
      title.textContent = mark.dataset.tip;
      mark.prepend(title);
      mark.removeAttribute("data-tip");
    }
    copy.removeAttribute("tabindex");
    copy.style.color = data.colours.ink;
    copy.style.background = data.colours.surface;
    return new XMLSerializer().serializeToString(copy)
      .replace(/var\(--([a-z-]+)\)/g, (whole, name) => data.colours[name] ?? whole);
  }

  for (const button of document.querySelectorAll("button[data-save]")) {
    button.addEventListener("click", () => {
      const { save: kind, name } = button.dataset;
      if (kind === "svg") {
        save(
          name,
          "image/svg+xml",
          svgText(document.getElementById(button.dataset.of).querySelector(".plot")),
        );
      } else if (kind === "json") save(name, "application/json", `${JSON.stringify(data.sweep, null, 1)}\n`);
      else save(name, "text/csv", data[kind]);
    });
  }
})();
