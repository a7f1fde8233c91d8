import Dispatch
import Synchronization

/// What `transform` makes of each element, in their order, at most `width` of them being made at the same time.
func parallelMap<Element: Sendable, Result: Sendable>(
    _ elements: [Element], width: Int, _ transform: @Sendable (Element) -> Result
) -> [Result] {
    let width = min(width, elements.count)
    if width < 2 { return elements.map(transform) }
    let next = Atomic<Int>(0)
    let results = Mutex<[Result?]>(Array(repeating: nil, count: elements.count))
    DispatchQueue.concurrentPerform(iterations: width) { _ in
        while true {
            let position = next.wrappingAdd(1, ordering: .relaxed).oldValue
            guard position < elements.count else { return }
            let result = transform(elements[position])
            results.withLock { $0[position] = result }
        }
    }
    return results.withLock { results in results.compactMap { $0 } }
}
