import CTorch

/// A number that an operator takes beside a tensor: `Double`, `Float` or `Int`.
public protocol Scalar: ExpressibleByIntegerLiteral {
  /// The number, to double precision.
  var doubleValue: Double { get }
  /// Whether an integer tensor stays one when the number is applied to it.
  static var isInteger: Bool { get }
}

extension Double: Scalar {
  public var doubleValue: Double { self }
  public static var isInteger: Bool { false }
}

extension Float: Scalar {
  public var doubleValue: Double { Double(self) }
  public static var isInteger: Bool { false }
}

extension Int: Scalar {
  public var doubleValue: Double { Double(self) }
  public static var isInteger: Bool { true }
}

extension Scalar {
  @inline(__always) var raw: ct_scalar {
    ct_scalar(value: doubleValue, is_integer: Self.isInteger)
  }
}
