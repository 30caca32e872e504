// Figures say their values at the pointer or by the arrow keys, row by row, and give their address to copy.
const make = (tag, attributes, ...content) => {
  const made = document.createElement(tag);
  for (const name in attributes) made.setAttribute(name, attributes[name]);
  made.append(...content);
  return made;
};

const offerLink = (chart, heading) => {
  const said = make('span', { role: 'status' });
  const unseen = make('span', { class: 'unseen' }, ` to the figure: ${heading.textContent}`);
  const button = make('button', { type: 'button' }, 'Copy link', unseen);
  const address = location.href.split('#')[0] + '#' + chart.id;
  button.onclick = async () => {
    said.textContent = '';
    said.textContent = await navigator.clipboard.writeText(address).then(() => 'Link copied', () => 'Not copied');
  };
  heading.after(make('p', { class: 'copy' }, button, ' ', said));
};

const readValues = (chart, heading) => {
  const { axis, wide, narrow } = chart.querySelector('figure').dataset;
  if (!axis) return;
  const [heads, ...rows] = [...chart.querySelectorAll('tr')].map((row) => [...row.cells].map((cell) => cell.textContent));
  const values = (cells) => cells.slice(1).map((cell, n) => `${heads[n + 1]} ${cell}`)
    .filter((text) => !/, (lower|upper) /.test(text)).map((text) => text.replace(/ \(%\) (.*\d)/, ' $1%'));
  const texts = rows.slice(0, wide.split(' ').length / 2).map((cells) => `${cells[0]}: ${values(cells).join('; ')}`);
  const hint = 'Point at the picture, or use the arrow keys on it, to read values here.';
  const longest = [hint, ...texts].sort((one, other) => other.length - one.length)[0];
  const said = make('span', { role: 'status' }, hint);
  const image = chart.querySelector('img'), picture = image.parentNode;
  const label = `Values, row by row with the arrow keys: ${heading.textContent}`;
  const plot = make('div', { class: 'plot', tabindex: 0, role: 'group', 'aria-label': label });
  picture.replaceWith(plot, make('p', { class: 'readout' }, said, make('span', { class: 'room' }, longest)));
  plot.append(picture);

  let shown = -1;
  const show = (row) => {
    if (row in texts) said.textContent = texts[shown = row];
  };
  plot.onpointerdown = plot.onpointermove = (event) => {
    const box = image.getBoundingClientRect();
    const place = axis == 'x' ? (event.clientX - box.x) / box.width : (event.clientY - box.y) / box.height;
    const edges = (image.currentSrc.includes('-narrow') ? narrow : wide).split(' ');
    show(texts.findIndex((_, row) => edges[2 * row] <= place && place < edges[2 * row + 1]));
  };
  plot.onfocus = () => show(Math.max(0, shown));
  plot.onkeydown = (event) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    show(shown + step);
  };
};

for (const chart of document.querySelectorAll('.chart')) {
  const heading = chart.querySelector('h3');
  if (navigator.clipboard) offerLink(chart, heading);
  readValues(chart, heading);
}
