// Pictures that the reader searched by, kept in this browser for a day, so that a reload finds them again.

const [DATABASE, STORE] = ["lookalike", "pictures"];
const DAY_MS = 86_400_000;
const MOST = 20;

const here = new Map(); // those of this page, which need no reading

/** Keep a file. @returns {string} the key to ask for it; keys are in the order of time. */
export function keep(file) {
  for (const [key, kept] of here) if (kept === file) return key;
  const noise = crypto.getRandomValues(new Uint32Array(2)).join("");
  const key = `${Date.now()}-${noise}`;
  here.set(key, file);
  store(key, file).catch(() => {}); // storage is blocked or full: the file is kept as long as the page is open
  return key;
}

/** The file of a key. @returns {Promise<File | null>} null if it is not kept any more. */
export async function kept(key) {
  if (!here.has(key)) {
    if (isOld(key)) return null;
    const file = await finished((await pictures("readonly")).get(key)).catch(() => null);
    if (!file) return null;
    here.set(key, file);
  }
  return here.get(key);
}

function isOld(key) {
  return Number(key.split("-")[0]) < Date.now() - DAY_MS;
}

async function store(key, file) {
  const before = await finished((await pictures("readonly")).getAllKeys());
  const old = before.filter(isOld);
  const many = before.slice(0, Math.max(0, before.length + 1 - MOST));
  const all = await pictures("readwrite");
  for (const each of new Set([...old, ...many])) all.delete(each);
  await finished(all.put(file, key));
}

async function pictures(mode) {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await finished(opening);
  const transaction = database.transaction(STORE, mode);
  transaction.oncomplete = transaction.onabort = () => database.close();
  return transaction.objectStore(STORE);
}

function finished(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
