import Platform

/// The members of a JSON object in their order, each key once.
///
/// Order is kept because it means something: LeRobot's features are in the order of info.json.
package struct JSONObject: Sendable, Equatable, Sequence, ExpressibleByDictionaryLiteral {
  private var entries: [(key: String, value: JSON)]

  /// Of a key that comes twice the last value counts, at the first's place, as in Python.
  package init(_ entries: [(key: String, value: JSON)] = []) {
    self.entries = entries
    var places: NameDictionary<Int> = [:]
    if entries.count <= 8 {
      let isUnique = entries.indices.allSatisfy { i in
        !entries[..<i].contains { $0.key.isSameName(entries[i].key) }
      }
      if isUnique { return }
    }
    self.entries = []
    for entry in entries {
      if let place = places[entry.key] {
        self.entries[place].value = entry.value
      } else {
        places[entry.key] = self.entries.count
        self.entries.append(entry)
      }
    }
  }

  package init(dictionaryLiteral elements: (String, JSON)...) {
    self.init(elements.map { (key: $0.0, value: $0.1) })
  }

  package var count: Int { entries.count }
  package var isEmpty: Bool { entries.isEmpty }
  package var keys: [String] { entries.map(\.key) }
  package var values: [JSON] { entries.map(\.value) }

  package func makeIterator() -> IndexingIterator<[(key: String, value: JSON)]> {
    entries.makeIterator()
  }

  /// A new key goes to the end; nil removes.
  package subscript(key: String) -> JSON? {
    get { entries.first { $0.key.isSameName(key) }?.value }
    set {
      let place = entries.firstIndex { $0.key.isSameName(key) }
      switch (place, newValue) {
      case (let place?, let value?): entries[place].value = value
      case (let place?, nil): entries.remove(at: place)
      case (nil, let value?): entries.append((key, value))
      case (nil, nil): break
      }
    }
  }

  /// Whether both have the same members, in whatever order.
  package static func == (a: JSONObject, b: JSONObject) -> Bool {
    a.count == b.count && a.allSatisfy { b[$0.key] == $0.value }
  }
}
