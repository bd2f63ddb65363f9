// Finds topics: by their titles and by the words that were written in them.
(() => {
  const form = document.querySelector('.find'), box = form.elements.q, out = form.querySelector('output');
  const fold = (text) => text.toLowerCase().replace(/ё/g, 'е');
  const rows = [...document.querySelectorAll('tbody tr')];
  const titles = rows.map((row) => fold(row.textContent));
  const links = rows.map((row) => row.querySelector('a'));
  const pages = links.map((link) => link.getAttribute('href'));
  const words = JSON.parse(document.getElementById('words').textContent);
  const known = Object.keys(words);
  // Topics in which a word begins like this, as places in the table.
  const holding = (begin) => {
    const found = new Set();
    for (const word of known) {
      if (!word.startsWith(begin)) continue;
      let place = 0;
      for (const step of words[word]) found.add(place += step);
    }
    return found;
  };
  const find = () => {
    const asked = fold(box.value).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
    const sets = asked.map(holding);
    let count = 0;
    rows.forEach((row, at) => {
      const place = Number(row.dataset.n);
      const fits = asked.every((word, n) => sets[n].has(place) || titles[at].includes(word));
      row.hidden = !fits;
      if (fits) count += 1;
      const inside = asked.length && sets.some((set) => set.has(place));
      links[at].setAttribute('href', inside ? `${pages[at]}#q=${encodeURIComponent(asked.join(' '))}` : pages[at]);
    });
    out.textContent = asked.length ? `${count} / ${rows.length}` : '';
  };
  form.hidden = false;
  form.addEventListener('submit', (event) => event.preventDefault());
  let waiting = 0;
  box.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(find, 120); });
})();
