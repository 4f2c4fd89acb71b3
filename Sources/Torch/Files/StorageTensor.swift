import CTorch

/// Where a tensor's elements lie in a storage that several tensors may share; offset and strides in
/// elements.
struct TensorLayout {
  var offset: Int
  var shape: [Int]
  var strides: [Int]

  /// Why the layout does not fit a storage of `count` elements, or nil if it does.
  func fault(in count: Int) -> String? {
    guard shape.count == strides.count, shape.count <= 64 else {
      return "has \(shape.count) sizes and \(strides.count) strides"
    }
    guard offset >= 0, shape.allSatisfy({ $0 >= 0 }), strides.allSatisfy({ $0 >= 0 }) else {
      return "has a negative size, stride or offset"
    }
    var elements = 1
    var last = offset
    for (size, stride) in zip(shape, strides) {
      let (product, isTooMany) = elements.multipliedReportingOverflow(by: size)
      let (span, isTooFar) = max(size - 1, 0).multipliedReportingOverflow(by: stride)
      let (end, isBeyond) = last.addingReportingOverflow(span)
      if isTooMany || isTooFar || isBeyond { return "has more elements than fit in memory" }
      elements = product
      last = end
    }
    guard elements == 0 || last < count else {
      return "reaches element \(last) of a storage with \(count)"
    }
    return nil
  }
}

extension Tensor {
  /// A tensor over memory that `owner` keeps alive.
  init(sharing memory: UnsafeMutableRawPointer, _ owner: AnyObject, _ shape: [Int], _ dtype: DType)
  {
    self = op {
      ct_from_blob(
        $0, memory, shape, shape.count, dtype.code,
        { Unmanaged<AnyObject>.fromOpaque($0!).release() },
        Unmanaged.passRetained(owner).toOpaque())
    }
  }

  /// A tensor that looks into the whole storage of this one, at a layout that fits it.
  func overStorage(_ layout: TensorLayout) -> Tensor {
    let offset = layout.shape.contains(0) ? 0 : layout.offset
    return op {
      ct_over_storage($0, raw, offset, layout.shape, layout.strides, layout.shape.count)
    }
  }

  /// This tensor's place in its storage.
  var layout: TensorLayout {
    TensorLayout(offset: storage.offset, shape: shape, strides: strides)
  }

  /// All of the storage that this tensor looks into, as a tensor of one dim.
  var wholeStorage: Tensor {
    let count = storage.byteCount / dtype.byteCount
    return overStorage(TensorLayout(offset: 0, shape: [count], strides: [1]))
  }

  /// What tells storages apart: two tensors share one exactly when these are equal.
  struct StorageIdentity: Hashable {
    let address: UnsafeMutableRawPointer?
    let byteCount: Int
    let device: Device
    let dtype: DType
  }

  var storageIdentity: StorageIdentity {
    let storage = storage
    return StorageIdentity(
      address: storage.address, byteCount: storage.byteCount, device: device, dtype: dtype)
  }

  private var storage: (address: UnsafeMutableRawPointer?, byteCount: Int, offset: Int) {
    var address: UnsafeMutableRawPointer?
    var byteCount = 0
    var offset = 0
    check(ct_storage(&address, &byteCount, &offset, raw))
    return (address, byteCount, offset)
  }
}
