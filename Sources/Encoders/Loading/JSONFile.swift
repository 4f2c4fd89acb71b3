import Foundation
import Platform

/// A value of a JSON file. Unlike `JSONSerialization`'s, its numbers and booleans do not mix.
enum JSON: Decodable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([JSON].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSON].self))
    }
  }

  var integer: Int? {
    if case .number(let value) = self { Int(exactly: value) } else { nil }
  }

  var number: Double? {
    if case .number(let value) = self { value } else { nil }
  }

  var array: [JSON]? {
    if case .array(let values) = self { values } else { nil }
  }

  var object: [String: JSON]? {
    if case .object(let fields) = self { fields } else { nil }
  }

  /// The value in a few characters, for messages.
  var shortText: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .number(let value): Int(exactly: value).map(String.init) ?? "\(value)"
    case .string(let text): "\"\(excerpt(text))\""
    case .array(let values): "[" + values.prefix(4).map(\.shortText).joined(separator: ", ") + "]"
    case .object(let fields):
      "{" + fields.keys.sorted().prefix(4).map { excerpt($0) }.joined(separator: ", ") + "}"
    }
  }
}

/// The longest side of an image, as of a video's frames.
let largestSide = 1 << 14

/// Reads the keys of one JSON object, collecting everything that is wrong so that one error can name
/// all of it. A key that is absent or null has its default value, as in `transformers`.
struct Settings {
  let file: String
  let fields: [String: JSON]
  private let keyPrefix: String
  private(set) var problems: [String] = []

  init(file: String, fields: [String: JSON], keyPrefix: String = "") {
    self.file = file
    self.fields = fields
    self.keyPrefix = keyPrefix
  }

  init(contentsOf file: URL) throws {
    let data = Data(try readFile(file.path, wanted: "a JSON object"))
    guard case .object(let fields)? = try? JSONDecoder().decode(JSON.self, from: data) else {
      throw EncoderError("\(file.path): is not a JSON object; it may be truncated.")
    }
    self.init(file: file.path, fields: fields)
  }

  /// The settings under `key`, or nil when it is absent or null.
  func nested(_ key: String) -> Settings? {
    guard case .object(let nested)? = fields[key] else { return nil }
    return Settings(file: file, fields: nested, keyPrefix: "\(keyPrefix)\(key).")
  }

  subscript(key: String) -> JSON? {
    fields[key] == .null ? nil : fields[key]
  }

  mutating func reject(_ key: String, wanted: String) {
    let found = self[key].map(\.shortText) ?? "absent"
    problems.append("\(keyPrefix)\(key) is \(found), wanted \(wanted)")
  }

  /// - Parameter maximum: beyond what any model has, so that products of two stay far from overflowing.
  mutating func integer(
    _ key: String, default value: Int, atLeast minimum: Int = 1, atMost maximum: Int = 1 << 24
  ) -> Int {
    guard let found = self[key] else { return value }
    if let number = found.integer, (minimum...maximum).contains(number) { return number }
    let isTooLarge = found.number.map { $0 > Double(maximum) } ?? false
    reject(
      key, wanted: "an integer, at least \(minimum)" + (isTooLarge ? " and at most \(maximum)" : "")
    )
    return value
  }

  /// How many layers a model has.
  mutating func layers(_ key: String, default value: Int) -> Int {
    integer(key, default: value, atMost: 1024)
  }

  /// A token's id, of so many; null stands for none.
  mutating func tokenID(_ key: String, default value: Int?, below count: Int) -> Int? {
    if fields[key] == .null { return nil }
    guard let found = self[key] else { return value }
    if let id = found.integer, (0..<count).contains(id) { return id }
    reject(key, wanted: "a token's id: an integer, at least 0 and below \(count)")
    return value
  }

  mutating func number(
    _ key: String, default value: Double, atMost maximum: Double = 1e12
  ) -> Double {
    guard let found = self[key] else { return value }
    if let number = found.number, number >= 0, number <= maximum { return number }
    let isTooLarge = found.number.map { $0 > maximum } ?? false
    reject(key, wanted: "a number, at least 0" + (isTooLarge ? " and at most \(maximum)" : ""))
    return value
  }

  mutating func bool(_ key: String, default value: Bool) -> Bool {
    guard let found = self[key] else { return value }
    if case .bool(let flag) = found { return flag }
    reject(key, wanted: "true or false")
    return value
  }

  mutating func string(_ key: String, default value: String) -> String {
    guard let found = self[key] else { return value }
    if case .string(let text) = found { return text }
    reject(key, wanted: "a string")
    return value
  }

  mutating func activation(_ key: String, default value: Activation) -> Activation {
    guard let found = self[key] else { return value }
    if case .string(let name) = found, let activation = Activation(name: name) { return activation }
    reject(key, wanted: "one of \(Activation.names.joined(separator: ", "))")
    return value
  }

  /// A side length: an integer, or a list of two equal ones.
  mutating func side(_ key: String, default value: Int) -> Int {
    if let sides = self[key]?.array, sides.count == 2, sides[0] == sides[1],
      let side = sides[0].integer, (1...largestSide).contains(side)
    {
      return side
    }
    return integer(key, default: value, atMost: largestSide)
  }

  /// Rejects a width that does not divide into heads.
  mutating func checkHeads(_ width: Int, _ heads: Int) {
    if width % heads != 0 {
      reject("hidden_size", wanted: "a multiple of num_attention_heads, which is \(heads)")
    }
  }

  /// Reads the object under `key`, where there is one, with what is wrong in it.
  mutating func read(_ key: String, _ body: (inout Settings) -> Void) {
    guard var inner = nested(key) else { return }
    body(&inner)
    problems += inner.problems
  }

  /// Throws one error that names everything rejected so far.
  func finish() throws {
    guard problems.isEmpty else {
      throw EncoderError("\(file): \(problems.joined(separator: "; ")).")
    }
  }
}
