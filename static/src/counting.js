// Counts what is typed. Of a text the page says (`data-text`) which letters are of its own alphabet, which take the room of
// two, and how many fit with another script among them: as the server counts, so that nobody learns of it after sending.
export function countLetters(words) {
  const { text } = this.$textarea.dataset;
  if (!text) {
    return words.length;
  }
  const { own, double, typed, most, mostInOthers } = JSON.parse(text);
  const letters = [...[...words.trim()].map((letter) => typed[letter] ?? letter).join("")];
  const doubled = letters.filter((letter) => double.includes(letter)).length;
  const itsOwn = letters.every((letter) => own.includes(letter) || double.includes(letter));
  this.maxLength = itsOwn ? most : mostInOthers;
  return itsOwn ? letters.length + doubled : letters.join("").length;
}
