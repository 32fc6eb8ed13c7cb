// Whether anything sent now would arrive: a phone may show bars and carry nothing.
const PATIENCE = 5000;

// Any answer of the network's will do, whatever it says of this address; one that only says that nobody is there will not.
export async function answers() {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    const found = await fetch("/livez", { cache: "no-store", signal: stop.signal });
    return found.status < 500;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
