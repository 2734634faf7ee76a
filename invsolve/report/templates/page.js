"use strict";
// Theme, tables that sort, copying, and charts by plotly where the page holds it.
(() => {
  const root = document.documentElement;
  const dark = () => root.dataset.theme === "dark" || (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  const theme = document.querySelector("[data-theme-switch]");
  theme.hidden = false;
  theme.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; plot(); });

  for (const button of document.querySelectorAll("[data-copy]")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.parentElement.querySelector("pre").textContent);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
  }

  const number = (text) => Number.parseFloat(text.replace("−", "-"));
  for (const table of document.querySelectorAll("table.sortable")) {
    const headings = [...table.tHead.rows[0].cells];
    headings.forEach((heading, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => {
        const down = heading.getAttribute("aria-sort") === "ascending";
        headings.forEach((each) => each.removeAttribute("aria-sort"));
        heading.setAttribute("aria-sort", down ? "descending" : "ascending");
        const rows = [...table.tBodies[0].rows];
        const text = (row) => row.cells[column].textContent.trim();
        const numeric = rows.some((row) => text(row)) && rows.every((row) => !text(row) || !Number.isNaN(number(text(row))));
        rows.sort((a, b) => {
          const [one, other] = [text(a), text(b)];
          if (!one || !other) return (one ? 0 : 1) - (other ? 0 : 1); // empty cells last, either way
          return (down ? -1 : 1) * (numeric ? number(one) - number(other) : one.localeCompare(other));
        });
        table.tBodies[0].append(...rows);
      });
    });
  }

  function plot() {
    if (typeof Plotly === "undefined") return;
    const style = getComputedStyle(root);
    const colour = (name) => style.getPropertyValue(name).trim();
    for (const figure of document.querySelectorAll(".chart")) {
      const chart = JSON.parse(figure.dataset.chart);
      let place = figure.querySelector(".plot");
      if (!place) {
        place = document.createElement("div");
        place.className = "plot";
        figure.querySelector("svg").replaceWith(place);
        figure.querySelector(".legend").remove();
      }
      const traces = chart.series.flatMap((series, at) => {
        const own = { name: series.name, x: series.x, y: series.y, showlegend: !series.faint && chart.series.length > 1 };
        const shade = colour(`--c${at % 6}`);
        if (chart.kind === "bar") return [{ ...own, type: "bar", marker: { color: shade } }];
        const band = series.low.length ? [
          { x: series.x, y: series.low, mode: "lines", line: { width: 0 }, hoverinfo: "skip", showlegend: false },
          { x: series.x, y: series.high, mode: "lines", line: { width: 0 }, fill: "tonexty", fillcolor: `${shade}29`, hoverinfo: "skip", showlegend: false },
        ] : [];
        return [...band, { ...own, mode: "lines", line: { color: shade, width: series.faint ? 1.2 : 2 } }];
      });
      const axis = { gridcolor: colour("--line"), linecolor: colour("--soft"), zeroline: false, automargin: true };
      const level = chart.level === null ? [] : [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: chart.level, y1: chart.level, line: { dash: "dash", width: 1.4, color: colour("--ink") } }];
      Plotly.react(place, traces, {
        margin: { l: 56, r: 10, t: 8, b: 44 }, paper_bgcolor: "transparent", plot_bgcolor: "transparent",
        font: { color: colour("--soft"), family: "system-ui, sans-serif", size: 12 }, shapes: level,
        xaxis: { ...axis, title: { text: chart.x } }, yaxis: { ...axis, title: { text: chart.y }, type: chart.log ? "log" : "linear" },
        legend: { orientation: "h", y: -0.36 }, bargap: 0.2, hovermode: "x unified", hoverlabel: { bgcolor: colour("--card") },
      }, { displayModeBar: false, responsive: true });
    }
  }
  plot();
})();
