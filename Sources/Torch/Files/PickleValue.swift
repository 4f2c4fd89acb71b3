import Platform

/// What a PyTorch checkpoint holds: Python's plain values and tensors.
///
/// Dictionaries keep their order. Where a key is there twice, the later one counts, as in Python.
public indirect enum PickleValue {
  case none
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case tensor(Tensor)
  /// A tensor of so many elements, of a dtype that ``DType`` lacks: uint16, complex64, float8_e4m3fn.
  case unread(dtype: String, count: Int)
  case list([PickleValue])
  case tuple([PickleValue])
  case dictionary([(key: PickleValue, value: PickleValue)])

  /// A dictionary of named tensors, as `Module.state_dict()` gives in PyTorch.
  public static func stateDictionary(_ tensors: [(name: String, tensor: Tensor)]) -> PickleValue {
    .dictionary(tensors.map { (.string($0.name), .tensor($0.tensor)) })
  }
}

extension PickleValue: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self = .string(value) }
}

extension PickleValue {
  /// The value under a string key; nil where there is none, or where this is no dictionary.
  public subscript(key: String) -> PickleValue? {
    let name = ByteName(key)
    return dictionaryValue?.last { $0.key.string.map { ByteName($0) } == name }?.value
  }

  /// The value under an integer key of a dictionary, or at a position of a list or tuple; nil where
  /// there is none.
  public subscript(key: Int) -> PickleValue? {
    if let items = array { return items.indices.contains(key) ? items[key] : nil }
    return dictionaryValue?.last { $0.key.int == key }?.value
  }

  public var isNone: Bool { if case .none = self { true } else { false } }
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var int: Int? { if case .int(let value) = self { value } else { nil } }
  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var tensor: Tensor? { if case .tensor(let value) = self { value } else { nil } }

  /// A floating-point number, or an integer as one.
  public var double: Double? {
    switch self {
    case .double(let value): value
    case .int(let value): Double(value)
    default: nil
    }
  }

  /// The items of a list or a tuple.
  public var array: [PickleValue]? {
    switch self {
    case .list(let items), .tuple(let items): items
    default: nil
    }
  }

  public var dictionaryValue: [(key: PickleValue, value: PickleValue)]? {
    if case .dictionary(let pairs) = self { pairs } else { nil }
  }

  /// The tensors of a dictionary by name; nil where this is no dictionary, a key is no string, or a
  /// value is no tensor.
  public var weights: StateDictionary? {
    guard let pairs = dictionaryValue else { return nil }
    var weights: StateDictionary = [:]
    for pair in pairs {
      guard let name = pair.key.string else { return nil }
      switch pair.value {
      case .tensor(let tensor): weights[name] = tensor
      case .unread(let dtype, let count): weights[entry: name] = .unread(dtype: dtype, count: count)
      default: return nil
      }
    }
    return weights
  }

  /// The dtype of a tensor here or within that could not be read.
  var unreadDType: String? {
    switch self {
    case .unread(let dtype, _): dtype
    case .list(let items), .tuple(let items): items.lazy.compactMap(\.unreadDType).first
    case .dictionary(let pairs):
      pairs.lazy.compactMap { $0.key.unreadDType ?? $0.value.unreadDType }.first
    default: nil
    }
  }

  /// ``weights`` of a checkpoint of ours, whose names are those of a module's parameters; nil also where
  /// a tensor could not be read.
  public var stateDictionary: [String: Tensor]? {
    guard let pairs = dictionaryValue else { return nil }
    var tensors: [String: Tensor] = [:]
    for pair in pairs {
      guard let name = pair.key.string, let tensor = pair.value.tensor else { return nil }
      tensors[name] = tensor
    }
    return tensors
  }
}
