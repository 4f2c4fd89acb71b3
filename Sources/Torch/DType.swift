import CTorch

/// The type of a tensor's elements, named as in PyTorch.
public enum DType: String, Sendable, CaseIterable {
  case float64, float32, float16, bfloat16, int64, int32, int16, int8, uint8, bool

  /// The size of one element in bytes.
  public var byteCount: Int {
    switch self {
    case .float64, .int64: 8
    case .float32, .int32: 4
    case .float16, .bfloat16, .int16: 2
    case .int8, .uint8, .bool: 1
    }
  }

  /// Whether the elements are floating-point numbers, which alone can have gradients.
  public var isFloatingPoint: Bool {
    switch self {
    case .float64, .float32, .float16, .bfloat16: true
    default: false
    }
  }

  /// libtorch's number for the type.
  package var code: Int32 {
    switch self {
    case .float64: Int32(CT_FLOAT64)
    case .float32: Int32(CT_FLOAT32)
    case .float16: Int32(CT_FLOAT16)
    case .bfloat16: Int32(CT_BFLOAT16)
    case .int64: Int32(CT_INT64)
    case .int32: Int32(CT_INT32)
    case .int16: Int32(CT_INT16)
    case .int8: Int32(CT_INT8)
    case .uint8: Int32(CT_UINT8)
    case .bool: Int32(CT_BOOL)
    }
  }

  package init?(code: Int32) {
    guard let type = Self.allCases.first(where: { $0.code == code }) else { return nil }
    self = type
  }
}
