// Name the column in each cell, for narrow screens, where pages.css shows no row of headings.
document.addEventListener("DOMContentLoaded", () => {
  for (const table of document.querySelectorAll("table.docutils")) {
    const headings = Array.from(table.querySelectorAll("thead th"), (heading) => heading.textContent.trim());
    if (headings.length < 3) continue;
    for (const row of table.querySelectorAll("tbody tr")) {
      Array.from(row.cells).slice(1).forEach((cell, index) => {
        if (cell.textContent.trim()) cell.dataset.heading = headings[index + 1];
      });
    }
  }
});
