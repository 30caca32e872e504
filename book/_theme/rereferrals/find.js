// Search and filters for lists that are whole without them. A list says what it is searched for in data-find, and what it
// can be filtered by in data-filters, as "name: Label; …"; its items have their values in data-<name>, as "one; other".
const words = text => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
const parts = text => (text ?? "").split(";").map(part => part.trim()).filter(Boolean);

function field(label, control) {
  const line = document.createElement("p");
  const name = document.createElement("label");
  name.textContent = label;
  name.append(control);
  line.append(name);
  return line;
}

for (const list of document.querySelectorAll("[data-find]")) {
  const items = [...list.querySelectorAll(".item")].map(element => ({
    element,
    below: [...element.querySelectorAll(":scope > ul > li")].map(row => ({ row, words: words(row.textContent) })),
    words: words(`${element.textContent} ${element.dataset.words ?? ""}`),
  }));
  const input = document.createElement("input");
  input.type = "search";
  input.autocomplete = "off";
  const filters = parts(list.dataset.filters).map(filter => {
    const [name, label] = filter.split(":").map(part => part.trim());
    const select = document.createElement("select");
    const values = new Set(items.flatMap(item => parts(item.element.dataset[name])));
    select.append(new Option("All", ""), ...[...values].map(value => new Option(value, value)));
    return { name, label, select };
  });
  const found = document.createElement("p");
  found.setAttribute("role", "status");

  function show() {
    const terms = words(input.value);
    const has = text => terms.every(term => text.some(word => word.startsWith(term)));
    const chosen = item => filters.every(({ name, select }) =>
      !select.value || parts(item.element.dataset[name]).includes(select.value));
    let count = 0;
    for (const item of items) {
      const isShown = chosen(item) && has(item.words);
      item.element.hidden = !isShown;
      count += isShown;
      for (const { row, words } of item.below) row.hidden = terms.length > 0 && !has(words);
    }
    for (const group of list.querySelectorAll(".group")) group.hidden = !group.querySelector(".item:not([hidden])");
    found.textContent = terms.length || filters.some(({ select }) => select.value)
      ? `${count} of ${items.length} shown` : "";
  }

  const controls = document.createElement("div");
  controls.className = "controls";
  controls.setAttribute("role", "search");
  controls.setAttribute("aria-label", list.dataset.find);
  controls.append(field(list.dataset.find, input), ...filters.map(({ label, select }) => field(label, select)), found);
  controls.addEventListener("input", show);
  list.prepend(controls);
  show();
}
