/// The type of the elements that a file holds: one of ``DType``, or one that no `Tensor` has here.
struct ElementType: Hashable {
  /// As PyTorch calls it.
  let name: String
  let byteCount: Int
  let dtype: DType?

  init(_ dtype: DType) {
    (name, byteCount, self.dtype) = (dtype.rawValue, dtype.byteCount, dtype)
  }

  /// By PyTorch's name for the dtype.
  init?(named name: String) {
    guard let byteCount = DType(rawValue: name)?.byteCount ?? Self.others[name] else { return nil }
    self.name = name
    self.byteCount = byteCount
    dtype = DType(rawValue: name)
  }

  /// By PyTorch's name for a storage of the type.
  init?(storage name: String) {
    guard let found = Self.storages.first(where: { $0.storage == name }) else { return nil }
    self.init(named: found.dtype)
  }

  /// PyTorch's name for storages of a dtype.
  static func storageName(_ dtype: DType) -> String {
    storages.first { $0.dtype == dtype.rawValue }!.storage
  }

  private static let storages: [(storage: String, dtype: String)] = [
    ("DoubleStorage", "float64"), ("FloatStorage", "float32"), ("HalfStorage", "float16"),
    ("BFloat16Storage", "bfloat16"), ("LongStorage", "int64"), ("IntStorage", "int32"),
    ("ShortStorage", "int16"), ("CharStorage", "int8"), ("ByteStorage", "uint8"),
    ("BoolStorage", "bool"), ("ComplexFloatStorage", "complex64"),
    ("ComplexDoubleStorage", "complex128"), ("UntypedStorage", "uint8"),
  ]

  private static let others = [
    "complex32": 4, "complex64": 8, "complex128": 16, "uint16": 2, "uint32": 4, "uint64": 8,
    "float8_e4m3fn": 1, "float8_e4m3fnuz": 1, "float8_e5m2": 1, "float8_e5m2fnuz": 1,
    "float8_e8m0fnu": 1, "float4_e2m1fn_x2": 1,
  ]
}
