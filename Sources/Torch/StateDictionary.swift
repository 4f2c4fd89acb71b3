import Platform

/// The tensors of a file of weights, by name.
///
/// Names are equal when their bytes are. A tensor whose dtype ``DType`` lacks has its name here and its
/// dtype's, and stands in nobody's way until it is wanted.
public struct StateDictionary: Sequence, ExpressibleByDictionaryLiteral {
  /// What a file has under a name.
  public enum Entry {
    case tensor(Tensor)
    /// So many elements of a type that ``DType`` lacks, in the file's word for it.
    case unread(dtype: String, count: Int)
  }

  private var found: [ByteName: Entry] = [:]

  /// Of a name that comes twice the last tensor counts, as in Python.
  public init(_ tensors: some Sequence<(key: String, value: Tensor)>) {
    for (name, tensor) in tensors { self[name] = tensor }
  }

  public init(dictionaryLiteral elements: (String, Tensor)...) {
    for (name, tensor) in elements { self[name] = tensor }
  }

  /// The tensor of a name; nil where there is none, or none that can be read.
  public subscript(name: String) -> Tensor? {
    get { if case .tensor(let tensor)? = self[entry: name] { tensor } else { nil } }
    set { self[entry: name] = newValue.map { .tensor($0) } }
  }

  public subscript(entry name: String) -> Entry? {
    get { found[ByteName(name)] }
    set { found[ByteName(name)] = newValue }
  }

  /// All names and what is under them.
  public var entries: [(name: String, entry: Entry)] { found.map { ($0.key.text, $0.value) } }

  public var keys: [String] { found.keys.map(\.text) }

  public var count: Int { found.count }

  public var isEmpty: Bool { found.isEmpty }

  /// How many numbers all tensors have.
  public var elementCount: Int {
    found.values.reduce(0) { sum, entry in
      let count =
        switch entry {
        case .tensor(let tensor): tensor.count
        case .unread(_, let count): count
        }
      let (total, isTooLarge) = sum.addingReportingOverflow(count)
      return isTooLarge ? .max : total
    }
  }

  /// The tensors that can be read.
  public func makeIterator() -> AnyIterator<(key: String, value: Tensor)> {
    AnyIterator(
      found.lazy.compactMap { name, entry -> (key: String, value: Tensor)? in
        if case .tensor(let tensor) = entry { (name.text, tensor) } else { nil }
      }.makeIterator())
  }

  /// The tensors that can be read, of those the ones that are wanted.
  public func filter(
    _ isIncluded: ((key: String, value: Tensor)) throws -> Bool
  ) rethrows -> StateDictionary {
    StateDictionary(try Array(self).filter(isIncluded))
  }

  public func mapValues(_ change: (Tensor) throws -> Tensor) rethrows -> StateDictionary {
    StateDictionary(try map { ($0.key, try change($0.value)) })
  }
}
