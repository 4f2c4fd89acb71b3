/// The numbers that a key may have.
struct ConfigurationBounds<Number: Comparable & Sendable>: Sendable {
  /// What is wanted of a number that is too small, or none.
  let wanted: String
  /// The greatest number.
  let most: Number
  fileprivate let isEnough: @Sendable (Number) -> Bool

  /// Up to another number.
  func upTo(_ most: Number) -> Self { Self(wanted: wanted, most: most, isEnough: isEnough) }

  /// What is wanted in place of some numbers; nil where all are within.
  func complaint(_ numbers: [Number], orNull: Bool) -> String? {
    let wanted = wanted + (orNull ? " or null" : "")
    guard numbers.allSatisfy(isEnough) else { return wanted }
    if numbers.count > 1024 { return "\(wanted), at most 1024 of them" }
    if numbers.allSatisfy({ $0 <= most }) { return nil }
    let limit = "\(most)"
    return "\(wanted), at most \(limit.hasSuffix(".0") ? String(limit.dropLast(2)) : limit)"
  }
}

extension ConfigurationBounds<Int> {
  /// 1 or more: widths, lengths, counts.
  static let positive = Self(
    wanted: "a positive whole number", most: 1_000_000_000, isEnough: { $0 > 0 })
  /// 0 or more.
  static let count = Self(
    wanted: "a whole number, 0 or more", most: 1_000_000_000, isEnough: { $0 >= 0 })
  /// Widths of a network's layers.
  static let width = positive.upTo(65_536)
  static let widths = Self(
    wanted: "a list of positive whole numbers", most: 65_536, isEnough: { $0 > 0 })
  static let layers = positive.upTo(1024)
  static let evenWidth = Self(
    wanted: "a positive even number", most: 65_536, isEnough: { $0 > 0 && $0 % 2 == 0 })
  static let bins = Self(
    wanted: "a whole number above 1", most: 65_536, isEnough: { $0 > 1 })
  /// What JSON and other programs keep as a whole number.
  static let seed = count.upTo(1 << 53 - 1)
  static let episodes = count.upTo(1_000_000)
}

extension ConfigurationBounds<Double> {
  static let positive = Self(wanted: "a positive number", most: 1e30, isEnough: { $0 > 0 })
  /// 0 or more.
  static let number = Self(wanted: "a number, 0 or more", most: 1e30, isEnough: { $0 >= 0 })
  /// Without its ends.
  static let share = Self(
    wanted: "a share between 0 and 1", most: 1, isEnough: { $0 > 0 && $0 < 1 })
  static let shareWithZero = Self(
    wanted: "a share from 0 to below 1", most: 1, isEnough: { $0 >= 0 && $0 < 1 })
  static let wholeShare = Self(
    wanted: "a share from 0 to 1", most: 1, isEnough: { $0 >= 0 && $0 <= 1 })
  static let fraction = Self(
    wanted: "a number from 0 to 1", most: 1, isEnough: { $0 >= 0 && $0 <= 1 })
}

/// A type of key that is one number, none or several.
protocol ConfigurationNumbers: ConfigurationReadable {
  associatedtype Number: Comparable & Sendable
  var numbers: [Number] { get }
  static var canBeNull: Bool { get }
}

extension ConfigurationNumbers {
  static var canBeNull: Bool { false }
}

extension Int: ConfigurationNumbers {
  var numbers: [Int] { [self] }
}

extension Double: ConfigurationNumbers {
  var numbers: [Double] { [self] }
}

extension Optional: ConfigurationNumbers where Wrapped: ConfigurationNumbers {
  var numbers: [Wrapped.Number] { self?.numbers ?? [] }
  static var canBeNull: Bool { true }
}

extension Array: ConfigurationNumbers where Element: ConfigurationNumbers {
  var numbers: [Element.Number] { flatMap(\.numbers) }
}
