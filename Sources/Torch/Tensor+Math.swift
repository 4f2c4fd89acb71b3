import CTorch

// Operators broadcast their operands, as PyTorch's do.
extension Tensor {
  /// The sum, element by element.
  public static func + (a: Tensor, b: Tensor) -> Tensor { op { ct_add($0, a.raw, b.raw) } }

  /// The sum of each element and the number.
  public static func + (a: Tensor, b: some Scalar) -> Tensor {
    op { ct_add_scalar($0, a.raw, b.raw) }
  }

  /// The sum of the number and each element.
  public static func + (a: some Scalar, b: Tensor) -> Tensor {
    op { ct_add_scalar($0, b.raw, a.raw) }
  }

  /// The difference, element by element.
  public static func - (a: Tensor, b: Tensor) -> Tensor { op { ct_sub($0, a.raw, b.raw) } }

  /// The difference of each element and the number.
  public static func - (a: Tensor, b: some Scalar) -> Tensor {
    op { ct_sub_scalar($0, a.raw, b.raw) }
  }

  /// The difference of the number and each element.
  public static func - (a: some Scalar, b: Tensor) -> Tensor {
    op { ct_rsub_scalar($0, b.raw, a.raw) }
  }

  /// The product, element by element.
  public static func * (a: Tensor, b: Tensor) -> Tensor { op { ct_mul($0, a.raw, b.raw) } }

  /// The product of each element and the number.
  public static func * (a: Tensor, b: some Scalar) -> Tensor {
    op { ct_mul_scalar($0, a.raw, b.raw) }
  }

  /// The product of the number and each element.
  public static func * (a: some Scalar, b: Tensor) -> Tensor {
    op { ct_mul_scalar($0, b.raw, a.raw) }
  }

  /// The quotient, element by element.
  public static func / (a: Tensor, b: Tensor) -> Tensor { op { ct_div($0, a.raw, b.raw) } }

  /// The quotient of each element and the number.
  public static func / (a: Tensor, b: some Scalar) -> Tensor {
    op { ct_div_scalar($0, a.raw, b.raw) }
  }

  /// The quotient of the number and each element.
  public static func / (a: some Scalar, b: Tensor) -> Tensor {
    op { ct_rdiv_scalar($0, b.raw, a.raw) }
  }

  /// Each element with the other sign.
  public static prefix func - (a: Tensor) -> Tensor { op { ct_neg($0, a.raw) } }

  /// Puts the sum in the variable; other owners of the old tensor keep it.
  public static func += (a: inout Tensor, b: Tensor) { a = a + b }

  /// Puts the difference in the variable; other owners of the old tensor keep it.
  public static func -= (a: inout Tensor, b: Tensor) { a = a - b }

  /// Puts the product in the variable; other owners of the old tensor keep it.
  public static func *= (a: inout Tensor, b: Tensor) { a = a * b }

  /// Puts the quotient in the variable; other owners of the old tensor keep it.
  public static func /= (a: inout Tensor, b: Tensor) { a = a / b }

  /// The quotient rounded down.
  public func floorDivide(_ b: some Scalar) -> Tensor { op { ct_floor_divide($0, raw, b.raw) } }

  /// What the quotient rounded down leaves, with the divisor's sign.
  public func remainder(_ b: some Scalar) -> Tensor { op { ct_remainder($0, raw, b.raw) } }

  /// Each element to the given power.
  public func pow(_ exponent: some Scalar) -> Tensor { op { ct_pow($0, raw, exponent.raw) } }

  /// Each element to the power of its counterpart.
  public func pow(_ exponent: Tensor) -> Tensor { op { ct_pow_tensor($0, raw, exponent.raw) } }

  /// The matrix product over the last two dims; the ones before broadcast.
  public func matmul(_ other: Tensor) -> Tensor { op { ct_matmul($0, raw, other.raw) } }

  /// The smaller element of each pair.
  public func minimum(_ other: Tensor) -> Tensor { op { ct_minimum($0, raw, other.raw) } }

  /// The larger element of each pair.
  public func maximum(_ other: Tensor) -> Tensor { op { ct_maximum($0, raw, other.raw) } }

  /// The elements, kept between the bounds that are given.
  public func clamp(min: Double? = nil, max: Double? = nil) -> Tensor {
    withUnsafeTemporaryAllocation(of: ct_scalar.self, capacity: 2) { bounds in
      let low = bounds.baseAddress!
      let high = low + 1
      if let min { low.initialize(to: min.raw) }
      if let max { high.initialize(to: max.raw) }
      return op("clamp") {
        ct_clamp($0, raw, min == nil ? nil : low, max == nil ? nil : high)
      }
    }
  }

  /// `self + weight · (end − self)`.
  public func lerp(_ end: Tensor, weight: some Scalar) -> Tensor {
    op { ct_lerp($0, raw, end.raw, weight.raw) }
  }

  /// The tensor plus the product of two others, in one pass.
  public func addcmul(_ b: Tensor, _ c: Tensor) -> Tensor {
    op { ct_addcmul($0, raw, b.raw, c.raw) }
  }

  /// The magnitude of each element.
  public func abs() -> Tensor { op { ct_abs($0, raw) } }

  /// e to the power of each element.
  public func exp() -> Tensor { op { ct_exp($0, raw) } }

  /// The natural logarithm.
  public func log() -> Tensor { op { ct_log($0, raw) } }

  /// log(1 + x), exact near 0.
  public func log1p() -> Tensor { op { ct_log1p($0, raw) } }

  /// The square root.
  public func sqrt() -> Tensor { op { ct_sqrt($0, raw) } }

  /// 1 / √x.
  public func rsqrt() -> Tensor { op { ct_rsqrt($0, raw) } }

  /// x².
  public func square() -> Tensor { op { ct_square($0, raw) } }

  /// The sine of each element in radians.
  public func sin() -> Tensor { op { ct_sin($0, raw) } }

  /// The cosine of each element in radians.
  public func cos() -> Tensor { op { ct_cos($0, raw) } }

  /// The hyperbolic tangent.
  public func tanh() -> Tensor { op { ct_tanh($0, raw) } }

  /// 1 / (1 + exp(−x)).
  public func sigmoid() -> Tensor { op { ct_sigmoid($0, raw) } }

  /// The error function.
  public func erf() -> Tensor { op { ct_erf($0, raw) } }

  /// Rounded down.
  public func floor() -> Tensor { op { ct_floor($0, raw) } }

  /// Rounded up.
  public func ceil() -> Tensor { op { ct_ceil($0, raw) } }

  /// Rounded to the nearest integer, halves to the even one.
  public func round() -> Tensor { op { ct_round($0, raw) } }

  /// −1, 0 or 1.
  public func sign() -> Tensor { op { ct_sign($0, raw) } }
}

// Comparisons give boolean tensors.
extension Tensor {
  /// True where the element equals its counterpart.
  public func eq(_ b: Tensor) -> Tensor { op { ct_eq($0, raw, b.raw) } }

  /// True where the element equals the number.
  public func eq(_ b: some Scalar) -> Tensor { op { ct_eq_scalar($0, raw, b.raw) } }

  /// True where the element differs from its counterpart.
  public func ne(_ b: Tensor) -> Tensor { op { ct_ne($0, raw, b.raw) } }

  /// True where the element differs from the number.
  public func ne(_ b: some Scalar) -> Tensor { op { ct_ne_scalar($0, raw, b.raw) } }

  /// True where the element is less than its counterpart.
  public func lt(_ b: Tensor) -> Tensor { op { ct_lt($0, raw, b.raw) } }

  /// True where the element is less than the number.
  public func lt(_ b: some Scalar) -> Tensor { op { ct_lt_scalar($0, raw, b.raw) } }

  /// True where the element is at most its counterpart.
  public func le(_ b: Tensor) -> Tensor { op { ct_le($0, raw, b.raw) } }

  /// True where the element is at most the number.
  public func le(_ b: some Scalar) -> Tensor { op { ct_le_scalar($0, raw, b.raw) } }

  /// True where the element is greater than its counterpart.
  public func gt(_ b: Tensor) -> Tensor { op { ct_gt($0, raw, b.raw) } }

  /// True where the element is greater than the number.
  public func gt(_ b: some Scalar) -> Tensor { op { ct_gt_scalar($0, raw, b.raw) } }

  /// True where the element is at least its counterpart.
  public func ge(_ b: Tensor) -> Tensor { op { ct_ge($0, raw, b.raw) } }

  /// True where the element is at least the number.
  public func ge(_ b: some Scalar) -> Tensor { op { ct_ge_scalar($0, raw, b.raw) } }

  /// True where neither infinite nor NaN.
  public func isfinite() -> Tensor { op { ct_isfinite($0, raw) } }

  /// True where not a number.
  public func isnan() -> Tensor { op { ct_isnan($0, raw) } }

  /// True where zero or false.
  public func logicalNot() -> Tensor { op { ct_logical_not($0, raw) } }

  /// True where both are.
  public func logicalAnd(_ b: Tensor) -> Tensor { op { ct_logical_and($0, raw, b.raw) } }

  /// True where either is.
  public func logicalOr(_ b: Tensor) -> Tensor { op { ct_logical_or($0, raw, b.raw) } }

  /// Whether every element is true, or not zero.
  public var all: Bool {
    let result = op { ct_all($0, raw) }
    return result.item() != 0
  }

  /// Whether some element is true, or not zero.
  public var any: Bool {
    let result = op { ct_any($0, raw) }
    return result.item() != 0
  }

  /// Whether shapes and elements are the same.
  public func equal(_ other: Tensor) -> Bool {
    var result = false
    check(ct_equal(&result, raw, other.raw))
    return result
  }
}
