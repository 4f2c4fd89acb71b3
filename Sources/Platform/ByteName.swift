/// A name that equals another when their UTF-8 bytes do, for keys that come from files.
///
/// Swift's strings are equal when they look alike: "é" in one scalar and in two are one key of a
/// dictionary, and two tensors, columns or tasks to every other program.
public struct ByteName: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let text: String

  public init(_ text: String) { self.text = text }

  public var description: String { text }

  public static func == (a: ByteName, b: ByteName) -> Bool {
    a.text.utf8.elementsEqual(b.text.utf8)
  }

  public static func < (a: ByteName, b: ByteName) -> Bool {
    a.text.utf8.lexicographicallyPrecedes(b.text.utf8)
  }

  public func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
