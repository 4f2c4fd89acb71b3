import Platform

/// A value while a pickle is being read. Containers are numbers of entries in ``PickleItems``, since
/// a pickle fills them after it has used them, and may build cycles or towers of them.
enum PickleItem {
  case none
  case bool(Bool)
  case int(Int)
  case double(Double)
  case string(String)
  case list(Int)
  case tuple(Int)
  case dictionary(Int)
  case tensor(Int)
  case storage(Int)
  case global(PickleGlobal)
}

/// The names that a pickle may look up. Nothing is ever called: each has a fixed meaning here.
enum PickleGlobal {
  case rebuildTensor, rebuildTensorWithDType, rebuildParameter, orderedDictionary, size
  case storage(ElementType)
  case dtype(ElementType)

  init?(module: String, name: String) {
    switch (module, name) {
    case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
    case ("torch._utils", "_rebuild_tensor_v3"): self = .rebuildTensorWithDType
    case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("torch", "Size"): self = .size
    case ("torch", _), ("torch.storage", "UntypedStorage"):
      if let type = ElementType(storage: name) {
        self = .storage(type)
      } else if let type = ElementType(named: name) {
        self = .dtype(type)
      } else {
        return nil
      }
    default: return nil
    }
  }
}

/// A storage as a pickle names it: `count` elements from element `start` of what the file keeps under
/// `key`.
struct PickledStorage {
  var key: ByteName
  var type: ElementType
  var start: Int
  var count: Int
}

/// A tensor as a pickle describes it.
struct PickledTensor {
  var storage: PickledStorage
  var layout: TensorLayout
  var requiresGrad: Bool
  /// Whether the tensor is the storage's numbers with their signs turned, as PyTorch's lazy negatives are.
  var isNegated: Bool
}

/// The containers of a pickle, and their conversion to values once it has been read.
struct PickleItems {
  var lists: [[PickleItem]] = []
  var tuples: [[PickleItem]] = []
  var dictionaries: [[(key: PickleItem, value: PickleItem)]] = []
  var tensors: [PickledTensor] = []
  var storages: [PickledStorage] = []

  mutating func list() -> PickleItem {
    lists.append([])
    return .list(lists.count - 1)
  }

  mutating func tuple(_ items: [PickleItem]) -> PickleItem {
    tuples.append(items)
    return .tuple(tuples.count - 1)
  }

  mutating func dictionary() -> PickleItem {
    dictionaries.append([])
    return .dictionary(dictionaries.count - 1)
  }

  /// The items of a list or tuple.
  func array(_ item: PickleItem) -> [PickleItem]? {
    switch item {
    case .list(let index): lists[index]
    case .tuple(let index): tuples[index]
    default: nil
    }
  }

  func integers(_ item: PickleItem) -> [Int]? {
    guard let items = array(item) else { return nil }
    let integers = items.compactMap { if case .int(let value) = $0 { value } else { nil } }
    return integers.count == items.count ? integers : nil
  }
}

/// Converts items to values. A container that is used several times is converted once.
struct PickleConversion {
  let items: PickleItems
  let path: String
  let makeTensor: (PickledTensor) throws -> Tensor

  // Limits against pickles of a few bytes that unfold without end; real checkpoints stay far below.
  private let maximumDepth = 200
  private let maximumCount = 1 << 26

  private var lists: [Int: Converted] = [:]
  private var tuples: [Int: Converted] = [:]
  private var dictionaries: [Int: Converted] = [:]
  private var tensors: [Int: Tensor] = [:]

  /// A value, and how many values it holds all told, itself included.
  private typealias Converted = (value: PickleValue, count: Int)

  init(
    _ items: PickleItems, path: String, makeTensor: @escaping (PickledTensor) throws -> Tensor
  ) {
    self.items = items
    self.path = path
    self.makeTensor = makeTensor
  }

  mutating func value(_ item: PickleItem) throws -> PickleValue {
    try convert(item, depth: 0).value
  }

  private mutating func convert(_ item: PickleItem, depth: Int) throws -> Converted {
    guard depth <= maximumDepth else {
      throw FileError(path, "nests values more than \(maximumDepth) deep, or holds one in itself")
    }
    switch item {
    case .none: return (.none, 1)
    case .bool(let value): return (.bool(value), 1)
    case .int(let value): return (.int(value), 1)
    case .double(let value): return (.double(value), 1)
    case .string(let value): return (.string(value), 1)
    case .list(let index):
      if let known = lists[index] { return known }
      let (values, count) = try convert(items.lists[index], depth)
      lists[index] = (.list(values), count)
      return (.list(values), count)
    case .tuple(let index):
      if let known = tuples[index] { return known }
      let (values, count) = try convert(items.tuples[index], depth)
      tuples[index] = (.tuple(values), count)
      return (.tuple(values), count)
    case .dictionary(let index):
      if let known = dictionaries[index] { return known }
      let pairs = items.dictionaries[index]
      let (keys, keyCount) = try convert(pairs.map(\.key), depth)
      let (values, valueCount) = try convert(pairs.map(\.value), depth)
      let converted = Converted(
        .dictionary(Array(zip(keys, values))), try sum(keyCount, valueCount))
      dictionaries[index] = converted
      return converted
    case .tensor(let index):
      let description = items.tensors[index]
      if description.storage.type.dtype == nil {
        let count = description.layout.shape.reduce(1, *)
        return (.unread(dtype: description.storage.type.name, count: count), 1)
      }
      let tensor = try tensors[index] ?? makeTensor(description)
      tensors[index] = tensor
      return (.tensor(tensor), 1)
    case .storage:
      throw FileError(path, "holds a bare storage; wanted tensors")
    case .global:
      throw FileError(path, "holds a Python class or function; wanted values and tensors")
    }
  }

  private mutating func convert(
    _ items: [PickleItem], _ depth: Int
  ) throws -> (values: [PickleValue], count: Int) {
    var values: [PickleValue] = []
    values.reserveCapacity(items.count)
    var total = 1
    for item in items {
      let (value, count) = try convert(item, depth: depth + 1)
      values.append(value)
      total = try sum(total, count)
    }
    return (values, total)
  }

  private func sum(_ a: Int, _ b: Int) throws -> Int {
    guard a + b <= maximumCount else {
      throw FileError(path, "unfolds to more than \(maximumCount) values; refused")
    }
    return a + b
  }
}
