/// A name that equals another when their UTF-8 bytes do, for keys that come from files.
///
/// Swift's strings are equal when they look alike: "é" in one scalar and in two are one key of a
/// dictionary, and two tensors, columns or tasks to every other program.
public struct ByteName: Hashable, Comparable, Sendable, CustomStringConvertible,
  ExpressibleByStringLiteral
{
  public let text: String

  public init(_ text: String) { self.text = text }

  public init(stringLiteral text: String) { self.text = text }

  public var description: String { text }

  public static func == (a: ByteName, b: ByteName) -> Bool {
    a.text.isSameName(b.text)
  }

  public static func < (a: ByteName, b: ByteName) -> Bool {
    a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}

extension Set<ByteName> {
  public func contains(_ name: String) -> Bool { contains(ByteName(name)) }

  @discardableResult
  public mutating func insert(_ name: String) -> (inserted: Bool, memberAfterInsert: ByteName) {
    insert(ByteName(name))
  }
}

extension String {
  /// Whether both have the same UTF-8 bytes.
  @inlinable public func isSameName(_ other: String) -> Bool {
    // Strings that differ in more than their form are told apart at once.
    self == other && utf8.elementsEqual(other.utf8)
  }
}
