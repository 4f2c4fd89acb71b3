import CTorch

// Operators broadcast their operands, as PyTorch's do.
extension Tensor {
  public static func + (a: Tensor, b: Tensor) -> Tensor { op { ct_add($0, a.raw, b.raw) } }

  public static func + (a: Tensor, b: some Scalar) -> Tensor {
    op { ct_add_scalar($0, a.raw, b.raw) }
  }

  public static func + (a: some Scalar, b: Tensor) -> Tensor {
    op { ct_add_scalar($0, b.raw, a.raw) }
  }

  public static func - (a: Tensor, b: Tensor) -> Tensor { op { ct_sub($0, a.raw, b.raw) } }

  public static func - (a: Tensor, b: some Scalar) -> Tensor {
    op { ct_sub_scalar($0, a.raw, b.raw) }
  }

  public static func - (a: some Scalar, b: Tensor) -> Tensor {
    op { ct_rsub_scalar($0, b.raw, a.raw) }
  }

  public static func * (a: Tensor, b: Tensor) -> Tensor { op { ct_mul($0, a.raw, b.raw) } }

  public static func * (a: Tensor, b: some Scalar) -> Tensor {
    op { ct_mul_scalar($0, a.raw, b.raw) }
  }

  public static func * (a: some Scalar, b: Tensor) -> Tensor {
    op { ct_mul_scalar($0, b.raw, a.raw) }
  }

  public static func / (a: Tensor, b: Tensor) -> Tensor { op { ct_div($0, a.raw, b.raw) } }

  public static func / (a: Tensor, b: some Scalar) -> Tensor {
    op { ct_div_scalar($0, a.raw, b.raw) }
  }

  public static func / (a: some Scalar, b: Tensor) -> Tensor {
    op { ct_rdiv_scalar($0, b.raw, a.raw) }
  }

  public static prefix func - (a: Tensor) -> Tensor { op { ct_neg($0, a.raw) } }

  public static func += (a: inout Tensor, b: Tensor) { a = a + b }
  public static func -= (a: inout Tensor, b: Tensor) { a = a - b }
  public static func *= (a: inout Tensor, b: Tensor) { a = a * b }
  public static func /= (a: inout Tensor, b: Tensor) { a = a / b }

  /// The quotient rounded down.
  public func floorDivide(_ b: some Scalar) -> Tensor { op { ct_floor_divide($0, raw, b.raw) } }

  /// What the quotient rounded down leaves, with the divisor's sign.
  public func remainder(_ b: some Scalar) -> Tensor { op { ct_remainder($0, raw, b.raw) } }

  public func pow(_ exponent: some Scalar) -> Tensor { op { ct_pow($0, raw, exponent.raw) } }

  public func pow(_ exponent: Tensor) -> Tensor { op { ct_pow_tensor($0, raw, exponent.raw) } }

  /// The matrix product over the last two dims; the ones before broadcast.
  public func matmul(_ other: Tensor) -> Tensor { op { ct_matmul($0, raw, other.raw) } }

  public func minimum(_ other: Tensor) -> Tensor { op { ct_minimum($0, raw, other.raw) } }

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

  public func abs() -> Tensor { op { ct_abs($0, raw) } }
  public func exp() -> Tensor { op { ct_exp($0, raw) } }
  public func log() -> Tensor { op { ct_log($0, raw) } }
  public func log1p() -> Tensor { op { ct_log1p($0, raw) } }
  public func sqrt() -> Tensor { op { ct_sqrt($0, raw) } }
  public func rsqrt() -> Tensor { op { ct_rsqrt($0, raw) } }
  public func square() -> Tensor { op { ct_square($0, raw) } }
  public func sin() -> Tensor { op { ct_sin($0, raw) } }
  public func cos() -> Tensor { op { ct_cos($0, raw) } }
  public func tanh() -> Tensor { op { ct_tanh($0, raw) } }
  public func sigmoid() -> Tensor { op { ct_sigmoid($0, raw) } }
  public func erf() -> Tensor { op { ct_erf($0, raw) } }
  public func floor() -> Tensor { op { ct_floor($0, raw) } }
  public func ceil() -> Tensor { op { ct_ceil($0, raw) } }
  public func round() -> Tensor { op { ct_round($0, raw) } }
  public func sign() -> Tensor { op { ct_sign($0, raw) } }
}

// Comparisons give boolean tensors.
extension Tensor {
  public func eq(_ b: Tensor) -> Tensor { op { ct_eq($0, raw, b.raw) } }
  public func eq(_ b: some Scalar) -> Tensor { op { ct_eq_scalar($0, raw, b.raw) } }

  public func ne(_ b: Tensor) -> Tensor { op { ct_ne($0, raw, b.raw) } }
  public func ne(_ b: some Scalar) -> Tensor { op { ct_ne_scalar($0, raw, b.raw) } }

  public func lt(_ b: Tensor) -> Tensor { op { ct_lt($0, raw, b.raw) } }
  public func lt(_ b: some Scalar) -> Tensor { op { ct_lt_scalar($0, raw, b.raw) } }

  public func le(_ b: Tensor) -> Tensor { op { ct_le($0, raw, b.raw) } }
  public func le(_ b: some Scalar) -> Tensor { op { ct_le_scalar($0, raw, b.raw) } }

  public func gt(_ b: Tensor) -> Tensor { op { ct_gt($0, raw, b.raw) } }
  public func gt(_ b: some Scalar) -> Tensor { op { ct_gt_scalar($0, raw, b.raw) } }

  public func ge(_ b: Tensor) -> Tensor { op { ct_ge($0, raw, b.raw) } }
  public func ge(_ b: some Scalar) -> Tensor { op { ct_ge_scalar($0, raw, b.raw) } }

  public func isfinite() -> Tensor { op { ct_isfinite($0, raw) } }
  public func isnan() -> Tensor { op { ct_isnan($0, raw) } }
  public func logicalNot() -> Tensor { op { ct_logical_not($0, raw) } }
  public func logicalAnd(_ b: Tensor) -> Tensor { op { ct_logical_and($0, raw, b.raw) } }
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
