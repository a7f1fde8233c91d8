use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::fmt::{Debug, Display};
use std::rc::Rc;

#[derive(Clone, Debug, PartialEq, PartialOrd)]
enum Value { Number(f64), Text(String), List(Vec<Value>), Map(BTreeMap<String, Value>) }

trait Visitor { fn visit(&mut self, value: &Value) -> usize; }
struct Depth(usize);
impl Visitor for Depth {
    fn visit(&mut self, value: &Value) -> usize {
        self.0 += 1;
        match value {
            Value::List(items) => items.iter().map(|v| self.visit(v)).max().unwrap_or(0) + 1,
            Value::Map(items) => items.values().map(|v| self.visit(v)).sum::<usize>() + 1,
            Value::Text(text) => text.chars().filter(|c| c.is_alphanumeric()).count(),
            Value::Number(number) => *number as usize % 7,
        }
    }
}

fn build(depth: usize, seed: &mut u64) -> Value {
    *seed = seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
    match (*seed >> 60, depth) {
        (_, 0) => Value::Number((*seed >> 40) as f64 / 3.0),
        (0..=3, _) => Value::Text(format!("{:x}-{depth:?}", *seed)),
        (4..=9, _) => Value::List((0..4).map(|_| build(depth - 1, seed)).collect()),
        _ => Value::Map((0..4).map(|i| (format!("key{i}"), build(depth - 1, seed))).collect()),
    }
}

fn describe<T: Display + Debug>(values: &[T]) -> String {
    let mut words: Vec<String> = values.iter().map(|v| format!("{v}/{v:?}")).collect();
    words.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    words.dedup();
    words.join(", ")
}

fn main() {
    let mut seed = std::env::args().count() as u64;
    let values: Vec<Rc<Value>> = (0..40).map(|i| Rc::new(build(i % 7, &mut seed))).collect();
    let mut by_size: HashMap<usize, VecDeque<Rc<Value>>> = HashMap::new();
    let mut sizes = BTreeSet::new();
    for value in &values {
        let mut depth = Depth(0);
        let size = depth.visit(value) + depth.0;
        by_size.entry(size).or_default().push_back(Rc::clone(value));
        sizes.insert(size);
    }
    let sorted: Vec<usize> = sizes.into_iter().collect();
    println!("{}", describe(&sorted));
    let numbers: Vec<f64> = sorted.iter().map(|s| (*s as f64).sqrt()).collect();
    println!("{} {}", describe(&numbers), by_size.len());
    let parsed: Result<Vec<i32>, _> = "1 2 x".split_whitespace().map(str::parse::<i32>).collect();
    if let Err(error) = parsed { eprintln!("{error}"); }
    println!("{:?}", values.iter().filter(|v| matches!(***v, Value::List(_))).take(2).collect::<Vec<_>>().len());
}
