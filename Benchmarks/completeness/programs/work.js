// Objects, strings, sorting, regular expressions, JSON and deep recursion, for as many rounds as the argument says.
'use strict';

function fibonacci(n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }

function deep(n) { return n === 0 ? fibonacci(12) : deep(n - 1) + 1; }

function round(seed) {
  const words = [];
  for (let i = 0; i < 2000; i++) words.push('word' + ((i * 7919 + seed) % 509));
  const counts = new Map();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  words.sort((a, b) => (a < b ? 1 : -1));
  const text = JSON.stringify(JSON.parse(JSON.stringify(words)));
  return text.replace(/word(\d)/g, (match, digit) => digit + match).length + counts.size + deep(50);
}

const rounds = Number(process.argv[2] ?? 100);
let sum = 0;
for (let seed = 0; seed < rounds; seed++) sum += round(seed);
console.log(sum);
