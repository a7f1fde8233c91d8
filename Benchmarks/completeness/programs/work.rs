// Collections, closures, trait objects and caught panics, for as many rounds as the argument says.
use std::collections::HashMap;

trait Shape {
    fn area(&self, depth: u32) -> f64;
}

struct Square(f64);

impl Shape for Square {
    #[inline(never)]
    fn area(&self, depth: u32) -> f64 {
        if depth == 0 { self.0 * self.0 } else { self.0 + self.area(depth - 1) }
    }
}

#[inline(never)]
fn fibonacci(n: u64) -> u64 {
    if n < 2 { n } else { fibonacci(n - 1) + fibonacci(n - 2) }
}

#[inline(never)]
fn panics(depth: u32) -> u32 {
    let local = vec![depth; 8];
    if depth == 0 { std::panic::panic_any(7u32) }
    panics(depth - 1) + local[3]
}

fn round(seed: usize) -> usize {
    let mut words: Vec<String> = (0..2000).map(|i| format!("word{}", (i * 7919 + seed) % 509)).collect();
    let mut counts: HashMap<String, usize> = HashMap::new();
    for word in &words {
        *counts.entry(word.clone()).or_insert(0) += 1;
    }
    words.sort_by(|a, b| b.cmp(a));
    let shape: Box<dyn Shape> = Box::new(Square(2.0));
    let caught = std::panic::catch_unwind(|| panics(20)).is_err() as usize;
    counts.len() + caught + shape.area(40) as usize + fibonacci(18) as usize + words[0].len()
}

fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    let rounds: usize = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(100);
    let other = std::thread::spawn(move || (0..rounds / 2).map(round).sum::<usize>());
    let own: usize = (0..rounds / 2).map(round).sum();
    println!("{}", own + other.join().unwrap());
}
