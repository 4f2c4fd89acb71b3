/// Values by names from files, which are the same where their UTF-8 bytes are (`ByteName`).
public struct NameDictionary<Value>: ExpressibleByDictionaryLiteral, Sequence {
  fileprivate var storage: [ByteName: Value] = [:]

  public init() {}

  /// Of a name that comes twice the last value counts.
  public init(_ pairs: some Sequence<(String, Value)>) {
    for (name, value) in pairs { self[name] = value }
  }

  public init(dictionaryLiteral elements: (String, Value)...) { self.init(elements) }

  public var count: Int { storage.count }
  public var isEmpty: Bool { storage.isEmpty }
  public var keys: [String] { storage.keys.map(\.text) }
  public var values: some Collection<Value> { storage.values }

  public subscript(_ name: String) -> Value? {
    get { storage[ByteName(name)] }
    set { storage[ByteName(name)] = newValue }
    _modify { yield &storage[ByteName(name)] }
  }

  public subscript(_ name: String, default value: @autoclosure () -> Value) -> Value {
    get { storage[ByteName(name), default: value()] }
    _modify { yield &storage[ByteName(name), default: value()] }
  }

  public func filter(
    _ isIncluded: ((key: String, value: Value)) throws -> Bool
  ) rethrows -> NameDictionary {
    var kept = self
    kept.storage = try storage.filter { try isIncluded((key: $0.key.text, value: $0.value)) }
    return kept
  }

  public func mapValues<Other>(
    _ transform: (Value) throws -> Other
  ) rethrows -> NameDictionary<Other> {
    var mapped = NameDictionary<Other>()
    mapped.storage = try storage.mapValues(transform)
    return mapped
  }

  public func makeIterator() -> some IteratorProtocol<(key: String, value: Value)> {
    storage.lazy.map { (key: $0.key.text, value: $0.value) }.makeIterator()
  }
}

extension NameDictionary: Sendable where Value: Sendable {}
extension NameDictionary: Equatable where Value: Equatable {}
extension NameDictionary: Hashable where Value: Hashable {}
