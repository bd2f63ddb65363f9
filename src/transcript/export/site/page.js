// Finds messages of this page: what does not hold all the words is hidden.
(() => {
  const form = document.querySelector('.find'), box = form.elements.q, out = form.querySelector('output');
  const fold = (text) => text.toLowerCase().replace(/ё/g, 'е');
  const messages = [...document.querySelectorAll('.m')];
  const texts = messages.map((it) => fold(it.textContent));
  const days = [...document.querySelectorAll('.d')];
  const find = () => {
    const words = fold(box.value).split(/\s+/).filter(Boolean);
    let count = 0;
    messages.forEach((it, at) => {
      const fits = words.every((word) => texts[at].includes(word));
      it.hidden = !fits;
      if (fits) count += 1;
    });
    days.forEach((day) => { day.hidden = !day.querySelector('.m:not([hidden])'); });
    out.textContent = words.length ? `${count} / ${messages.length}` : '';
  };
  form.hidden = false;
  form.addEventListener('submit', (event) => event.preventDefault());
  box.addEventListener('input', find);
  const asked = /^#q=(.*)$/.exec(location.hash);
  if (asked) {
    try { box.value = decodeURIComponent(asked[1]); } catch { box.value = ''; }
    find();
  }
})();
