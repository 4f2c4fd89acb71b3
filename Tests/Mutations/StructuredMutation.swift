import Foundation

/// How many mutants of a kind of file there are: `RECAP_MUTANTS`, or so many.
public func mutantCount(_ standard: Int) -> Int {
  Int(ProcessInfo.processInfo.environment["RECAP_MUTANTS"] ?? "") ?? standard
}

/// Which mutants: `RECAP_SEED`, or 1.
public var mutationSeed: UInt64 {
  UInt64(ProcessInfo.processInfo.environment["RECAP_SEED"] ?? "") ?? 1
}

/// A JSON document with one of its values put away, or set to one of another kind or size, in up to
/// `count` ways, spread over all there are.
public func forgedJSON(_ text: String, count: Int) throws -> [[UInt8]] {
  let root = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
  var all: [[UInt8]] = []
  let places = valuePlaces(in: root)
  let forgedValues = forgedValues
  let total = places.count * (forgedValues.count + 1)
  for choice in stride(from: 0, to: total, by: max(1, total / max(count, 1))) {
    let place = places[choice / (forgedValues.count + 1)]
    let kind = choice % (forgedValues.count + 1)
    let value = kind < forgedValues.count ? forgedValues[kind] : nil
    guard let forged = changed(root, at: place[...], to: value) else { continue }
    let data = try JSONSerialization.data(withJSONObject: forged, options: .fragmentsAllowed)
    all.append([UInt8](data))
  }
  return all
}

/// What no file should have in place of a value.
private var forgedValues: [Any] {
  [
    -1, 0, 1, 3, 0.5, 1_000_000_000, 1 << 31, Int.max, Int.min, 1e19, 1e300, -1e300, true, NSNull(),
    "", "9223372036854775807", "..", [Any](), [0], [String: Any](),
    [[1, [2]] as [Any], ["x"]] as [Any],
  ]
}

/// Where the values of a document are: keys and positions from the root.
private func valuePlaces(in value: Any) -> [[Any]] {
  var places: [[Any]] = [[]]
  if let object = value as? [String: Any] {
    for key in object.keys.sorted() { places += valuePlaces(in: object[key]!).map { [key] + $0 } }
  } else if let array = value as? [Any] {
    // The first of many alike stand for all.
    for (index, element) in array.prefix(8).enumerated() {
      places += valuePlaces(in: element).map { [index] + $0 }
    }
  }
  return places
}

/// - Parameter value: nil takes the value away.
private func changed(_ root: Any, at place: ArraySlice<Any>, to value: Any?) -> Any? {
  guard let first = place.first else { return value }
  if var object = root as? [String: Any], let key = first as? String {
    object[key] = changed(object[key]!, at: place.dropFirst(), to: value)
    return object
  }
  guard var array = root as? [Any], let index = first as? Int else { return root }
  if let new = changed(array[index], at: place.dropFirst(), to: value) {
    array[index] = new
  } else {
    array.remove(at: index)
  }
  return array
}

/// Calls `read` with each mutant in place of a file, which it puts back at the end; returns how many were
/// refused. What is wrong with an answer is handed to `complain`: an error of several lines or of
/// thousands of characters, and an answer that takes long.
///
/// With `RECAP_KEEP_MUTANT` the one at hand is kept there, to be looked at after a crash.
public func refusals(
  of mutants: some Sequence<[UInt8]>, at file: URL, read: () throws -> Void,
  complain: (String) -> Void
) throws -> Int {
  let original = try? Data(contentsOf: file)
  defer {
    if let original { try? original.write(to: file) }
  }
  let kept = ProcessInfo.processInfo.environment["RECAP_KEEP_MUTANT"]
  var refused = 0
  for (number, bytes) in mutants.enumerated() {
    try Data(bytes).write(to: file)
    if let kept { try Data(bytes).write(to: URL(fileURLWithPath: kept)) }
    let start = ContinuousClock.now
    do {
      try read()
    } catch {
      refused += 1
      let text = "\(error)"
      if text.contains("\n") || text.utf8.count > 6000 {
        complain("\(file.lastPathComponent), mutant \(number): \(text.prefix(400))")
      }
    }
    let took = ContinuousClock.now - start
    if took > .seconds(20) {
      complain("\(file.lastPathComponent), mutant \(number): took \(took)")
    }
  }
  return refused
}
