// Tables whose rows live on while their values change, so that focus, selection and scrolling stay where they are. All text
// comes from clients of the driver: it is set as text, never as HTML.

class Table {
  // `columns`: title, text(row), value(row) to sort by, className, fill(cell, row) instead of text.
  constructor(name, columns, options = {}) {
    this.columns = columns;
    this.options = options;
    this.sort = options.sort ?? null;  // {column, descending}
    this.rows = new Map();
    this.element = document.getElementById(name + "-table");
    this.emptyText = document.getElementById(name + "-empty");
    this.body = document.createElement("tbody");
    const head = document.createElement("tr");
    this.headers = columns.map((column, index) => {
      const header = document.createElement("th");
      header.scope = "col";
      if (column.className?.includes("number")) header.className = "number";
      if (this.sort && column.value) {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = column.title;
        button.addEventListener("click", () => this.sortBy(index));
        header.append(button);
      } else {
        header.textContent = column.title;
      }
      head.append(header);
      return header;
    });
    const section = document.createElement("thead");
    section.append(head);
    this.element.append(section, this.body);
    this.showSort();
  }

  sortBy(index) {
    const isSame = this.sort.column === index;
    const numeric = this.columns[index].className?.includes("number");
    this.sort = {column: index, descending: isSame ? !this.sort.descending : Boolean(numeric)};
    this.showSort();
    this.options.onSort?.();
  }

  showSort() {
    if (!this.sort) return;
    this.headers.forEach((header, index) => {
      if (index === this.sort.column) {
        header.setAttribute("aria-sort", this.sort.descending ? "descending" : "ascending");
      } else {
        header.removeAttribute("aria-sort");
      }
    });
  }

  sorted(items) {
    if (!this.sort) return items;
    const {value} = this.columns[this.sort.column];
    const sign = this.sort.descending ? -1 : 1;
    const rank = (item) => value(item) ?? -Infinity;
    return items.map((item) => [rank(item), item])
      .sort(([left], [right]) => sign * (typeof left === "string" ? left.localeCompare(String(right)) : left - right))
      .map(([, item]) => item);
  }

  // `items` in the order in which they are shown; `emptyText` for when there are none.
  show(items, emptyText) {
    const old = this.rows;
    this.rows = new Map();
    let previous = null;
    items.forEach((item) => {
      const key = this.options.key(item);
      let row = old.get(key);
      if (row) {
        old.delete(key);
      } else if (this.rows.has(key)) {
        return;
      } else {
        row = this.makeRow(item, key);
      }
      this.fill(row, item);
      this.rows.set(key, row);
      const place = previous ? previous.nextSibling : this.body.firstChild;
      if (row.element !== place) this.body.insertBefore(row.element, place);
      previous = row.element;
    });
    for (const row of old.values()) row.element.remove();
    this.element.hidden = items.length === 0;
    this.emptyText.hidden = items.length !== 0;
    this.emptyText.textContent = emptyText;
  }

  makeRow(item, key) {
    const element = document.createElement("tr");
    const cells = this.columns.map((column) => {
      const cell = document.createElement("td");
      if (column.className) cell.className = column.className;
      column.make?.(cell, key);
      element.append(cell);
      return cell;
    });
    if (this.options.onPick) element.addEventListener("click", () => this.options.onPick(key));
    return {element, cells, texts: []};
  }

  fill(row, item) {
    this.columns.forEach((column, index) => {
      const text = column.text(item);
      if (row.texts[index] !== text) {
        row.texts[index] = text;
        (row.cells[index].firstElementChild ?? row.cells[index]).textContent = text;
      }
      column.decorate?.(row.cells[index], item);
    });
    this.options.decorate?.(row.element, item);
  }
}
