internal import Foundation

/// A value as YAML gives it: a plain or quoted scalar, a list, or nothing.
enum ConfigurationValue: Equatable {
  case null
  /// `isQuoted` keeps `"null"` a string.
  case scalar(String, isQuoted: Bool)
  case list([ConfigurationValue])
  case mapping

  var text: String? {
    if case .scalar(let text, _) = self { text } else { nil }
  }
}

/// A type a configuration key can have.
protocol ConfigurationReadable: Sendable, Encodable {
  /// Nil when the value does not fit. Numbers may arrive as strings (`1e-4` is a string in YAML 1.1).
  init?(configurationValue: ConfigurationValue)
  /// What fits, in words.
  static var wanted: String { get }
  /// The value as YAML text that reads back as the same value.
  var configurationText: String { get }
}

extension Int: ConfigurationReadable {
  init?(configurationValue: ConfigurationValue) {
    guard case .scalar(let text, let isQuoted) = configurationValue else { return nil }
    let found = isQuoted ? Int(text) : YAMLNumber.integer(text)
    guard
      let value = found
        ?? YAMLNumber.number(text, isQuoted: isQuoted).flatMap(Int.init(exactly:))
    else { return nil }
    self = value
  }
  static var wanted: String { "a whole number" }
  var configurationText: String { String(self) }
}

extension Double: ConfigurationReadable {
  init?(configurationValue: ConfigurationValue) {
    guard case .scalar(let text, let isQuoted) = configurationValue,
      let value = YAMLNumber.number(text, isQuoted: isQuoted)
    else { return nil }
    self = value
  }
  static var wanted: String { "a number" }
  var configurationText: String { String(self) }
}

extension Bool: ConfigurationReadable {
  init?(configurationValue: ConfigurationValue) {
    // In lower case, capitals, or with a capital first.
    guard let text = configurationValue.text,
      [text.lowercased(), text.uppercased(), text.capitalized].contains(text)
    else { return nil }
    switch text.lowercased() {
    case "true", "yes", "on": self = true
    case "false", "no", "off": self = false
    default: return nil
    }
  }
  static var wanted: String { "true or false" }
  var configurationText: String { String(self) }
}

extension String: ConfigurationReadable {
  init?(configurationValue: ConfigurationValue) {
    guard let text = configurationValue.text else { return nil }
    self = text
  }
  static var wanted: String { "text" }
  var configurationText: String {
    let escaped = map { character -> String in
      switch character {
      case "\"": "\\\""
      case "\\": "\\\\"
      case "\n": "\\n"
      case "\t": "\\t"
      default: String(character)
      }
    }
    return "\"" + escaped.joined() + "\""
  }
}

extension Optional: ConfigurationReadable where Wrapped: ConfigurationReadable {
  init?(configurationValue: ConfigurationValue) {
    if configurationValue == .null {
      self = .none
    } else if let value = Wrapped(configurationValue: configurationValue) {
      self = .some(value)
    } else {
      return nil
    }
  }
  static var wanted: String { "\(Wrapped.wanted) or null" }
  var configurationText: String { self?.configurationText ?? "null" }
}

extension Array: ConfigurationReadable where Element: ConfigurationReadable {
  init?(configurationValue: ConfigurationValue) {
    let values: [ConfigurationValue]
    if case .list(let list) = configurationValue {
      values = list
    } else {
      values = [configurationValue]
    }
    var elements: [Element] = []
    for value in values {
      guard let element = Element(configurationValue: value) else { return nil }
      elements.append(element)
    }
    self = elements
  }
  static var wanted: String { "a list, each \(Element.wanted)" }
  var configurationText: String { "[" + map(\.configurationText).joined(separator: ", ") + "]" }
}

extension ConfigurationReadable where Self: RawRepresentable & CaseIterable, RawValue == String {
  init?(configurationValue: ConfigurationValue) {
    guard let value = configurationValue.text.flatMap({ Self(rawValue: $0) }) else { return nil }
    self = value
  }
  static var wanted: String { allCases.map(\.rawValue).joined(separator: " or ") }
  var configurationText: String { rawValue }
}

extension Configuration.Activation: ConfigurationReadable {}
extension Configuration.OutputType: ConfigurationReadable {}
extension Configuration.ActionNormalization: ConfigurationReadable {}
extension Configuration.EpisodeType: ConfigurationReadable {}
extension Configuration.Source: ConfigurationReadable {}
extension Configuration.Schedule: ConfigurationReadable {}
extension Configuration.Precision: ConfigurationReadable {}
extension Configuration.PolicyType: ConfigurationReadable {}
extension Configuration.Condition: ConfigurationReadable {}
extension Arm: ConfigurationReadable {}
extension IndicatorRule: ConfigurationReadable {}

extension IndicatorShuffle: ConfigurationReadable {
  /// `true` and `false`, which earlier versions had, are frames and none.
  init?(configurationValue: ConfigurationValue) {
    let text = configurationValue.text ?? ""
    if let value = Self(rawValue: text) {
      self = value
    } else if let shuffles = Bool(configurationValue: configurationValue) {
      self = shuffles ? .frames : .none
    } else {
      return nil
    }
  }
}
