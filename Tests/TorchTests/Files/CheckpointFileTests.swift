import Foundation
import Testing
import Torch

@Suite struct CheckpointFileTests {
  @Test(arguments: ["everything.pt", "everything_legacy.pt", "compressed.pt"])
  func readsWhatPyTorchWrote(_ name: String) throws {
    let value = try CheckpointFile.load(fileFixture(name))

    let dtypes = try #require(value["dtypes"]?.stateDictionary)
    #expect(dtypes.count == DType.allCases.count)
    for dtype in DType.allCases {
      let tensor = try #require(dtypes[dtype.rawValue])
      #expect(tensor.dtype == dtype)
      #expect(tensor.shape == [3])
      #expect(tensor.doubles == (dtype == .bool ? [0, 1, 1] : [0, 1, 100]))
    }

    // Module.state_dict() is an OrderedDict with a `_metadata` attribute, which is dropped.
    let module = try #require(value["module"]?.dictionaryValue)
    #expect(module.map(\.key.string) == ["weight", "bias"])
    #expect(module[0].value.tensor?.shape == [2, 2])
    #expect(module[0].value.tensor?.floats == [1, 2, 3, 4])
    #expect(module[1].value.tensor?.floats == [5, 6])

    // Views: one storage, other strides and offsets.
    let grid = try #require(value["grid"]?.tensor)
    let transposed = try #require(value["transposed"]?.tensor)
    let column = try #require(value["column"]?.tensor)
    let expanded = try #require(value["expanded"]?.tensor)
    #expect(transposed.shape == [4, 3])
    #expect(transposed.floats == [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11])
    #expect(column.floats == [1, 5, 9])
    #expect(expanded.shape == [2, 3] && expanded.floats == [1, 1, 1, 1, 1, 1])
    grid.fill_(3)
    #expect(column.floats == [3, 3, 3])

    #expect(value["scalar"]?.tensor?.shape == [])
    #expect(value["scalar"]?.tensor?.item() == 2.5)
    #expect(value["empty"]?.tensor?.shape == [0, 3])
    #expect(value["parameter"]?.tensor?.floats == [7])
    #expect(value["parameter"]?.tensor?.requiresGrad == true)
    #expect(value["frozen"]?.tensor?.requiresGrad == false)

    #expect(value["size"]?.array?.map(\.int) == [3, 4])
    #expect(value["none"]?.isNone == true)
    #expect(value["true"]?.bool == true)
    #expect(value["false"]?.bool == false)
    #expect(
      value["integers"]?.array?.map(\.int) == [
        0, 255, 256, 65535, 65536, -1, 2_147_483_647, 2_147_483_648, -2_147_483_649, .max, .min,
      ])
    #expect(value["float"]?.double == 0.1)
    #expect(value["text"]?.string == "Grüße, 世界")
    #expect(value["tuple"]?.array?.count == 5)
    #expect(value["tuple"]?[3]?.array?.map(\.string) == ["a", "b", "c"])
    #expect(value["tuple"]?[4]?.array?.map(\.int) == [1, 2, 3, 4])
    #expect(value["nested"]?[0]?["a"]?[0]?.int == 1)
    #expect(value["nested"]?[1]?[2]?.string == "two")
    #expect(value["missing"] == nil)
  }

  @Test(arguments: ["protocol4.pt", "protocol4_legacy.pt"])
  func readsProtocol4(_ name: String) throws {
    let value = try CheckpointFile.load(fileFixture(name))
    #expect(value["x"]?.tensor?.floats == [0, 1, 2])
    #expect(value["n"]?.int == 5)
  }

  /// Two steps of AdamW with the gradient 2: the averages are 0.9·0.1·2 + 0.1·2 and
  /// 0.999·0.001·4 + 0.001·4.
  @Test func readsOptimizerState() throws {
    let value = try CheckpointFile.load(fileFixture("adamw.pt"))
    let state = try #require(value["state"]?[0])
    #expect(value["state"]?[1] == nil)
    #expect(state["step"]?.tensor?.item() == 2)
    for average in try #require(state["exp_avg"]?.tensor).floats {
      #expect(abs(average - 0.38) < 1e-6)
    }
    for average in try #require(state["exp_avg_sq"]?.tensor).floats {
      #expect(abs(average - 0.007996) < 1e-8)
    }
    let group = try #require(value["param_groups"]?[0])
    #expect(group["lr"]?.double == 1e-3)
    #expect(group["betas"]?.array?.map(\.double) == [0.9, 0.999])
    #expect(group["weight_decay"]?.double == 0.05)
    #expect(group["amsgrad"]?.bool == false)
    #expect(group["fused"]?.isNone == true)
    #expect(group["params"]?.array?.map(\.int) == [0, 1])
  }

  @Test(arguments: ["everything.pt", "everything_legacy.pt", "adamw.pt"])
  func roundTrips(_ name: String) throws {
    let value = try CheckpointFile.load(fileFixture(name))
    try withTemporaryFolder { folder in
      let (first, second) = (folder + "/first.pt", folder + "/second.pt")
      try CheckpointFile.save(value, to: first)
      let read = try CheckpointFile.load(first)
      #expect(text(read) == text(value))
      try CheckpointFile.save(read, to: second)
      #expect(try contents(first) == contents(second))
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).count == 2)
    }
  }

  @Test func writesSharedStorageOnce() throws {
    let shared = Tensor.arange(100_000).to(.float32)
    let value = PickleValue.stateDictionary([("a", shared), ("b", shared.reshape([100, 1000]))])
    try withTemporaryFolder { folder in
      let path = folder + "/shared.pt"
      try CheckpointFile.save(value, to: path)
      #expect(try contents(path).count < 402_000)
      let read = try #require(try CheckpointFile.load(path).stateDictionary)
      let (a, b) = try (#require(read["a"]), #require(read["b"]))
      #expect(a.sharesStorage(with: b))
      #expect(b.shape == [100, 1000])
      // A write to what was read stays in memory.
      a.fill_(-1)
      #expect(b[99][999].item() == -1)
      #expect(try CheckpointFile.load(path)["a"]?.tensor?.doubles == shared.doubles)
    }
  }

  /// Lazy negatives (`z.conj().imag` is one) are stored as what they are the negatives of.
  @Test(arguments: ["odd.pt", "odd_legacy.pt"])
  func readsLazyNegatives(_ name: String) throws {
    let value = try CheckpointFile.load(fileFixture(name))
    #expect(value["plain"]?.tensor?.floats == [1, -2, 3])
    #expect(value["negative"]?.tensor?.floats == [-1, 2, -3])
    #expect(value["negative_row"]?.tensor?.floats == [-4, -6])
    #expect(value["imaginary"]?.tensor?.floats == [-2, -4])
  }

  /// Tensors of dtypes that there are none of here are known by name, and the others are read.
  @Test(arguments: ["odd.pt", "odd_legacy.pt"])
  func namesOtherDTypes(_ name: String) throws {
    let value = try CheckpointFile.load(fileFixture(name))
    for dtype in ["complex64", "complex128", "uint16", "uint32", "uint64", "float8_e4m3fn"] {
      guard case .unread(dtype, 4)? = value[dtype] else {
        Issue.record("\(dtype): \(value[dtype].map { text($0) } ?? "nil")")
        continue
      }
      #expect(value[dtype]?.tensor == nil)
    }
    guard case .unread("complex64", 2)? = value["conjugate"] else {
      Issue.record("no conjugate")
      return
    }
    let weights = try #require(value.weights)
    #expect(weights["plain"]?.floats == [1, -2, 3] && weights["uint16"] == nil)
    #expect(weights.keys.contains("uint16") && weights.count == value.dictionaryValue?.count)
    try withTemporaryFolder { folder in
      #expect(
        fileFault { try CheckpointFile.save(value, to: folder + "/x.pt") }
          .contains("holds a tensor of"))
    }
  }

  /// Names that look alike are two, as they are in Python.
  @Test func namesAreBytes() throws {
    let weights = try #require(try CheckpointFile.load(fileFixture("names.pt")).weights)
    #expect(weights.count == 2)
    #expect(weights["caf\u{E9}"]?.floats == [1] && weights["cafe\u{301}"]?.floats == [2])
    let value = try CheckpointFile.load(fileFixture("names.pt"))
    #expect(value["caf\u{E9}"]?.tensor?.floats == [1])
    #expect(value["cafe\u{301}"]?.tensor?.floats == [2])
  }

  @Test func keepsGradientsAndOrder() throws {
    let weight = Tensor([1, 2] as [Float])
    weight.requiresGrad = true
    let value = PickleValue.dictionary([
      ("zebra", .tensor(weight)), ("ape", .list([.double(1.5), .none])), (.int(7), .tuple([])),
    ])
    try withTemporaryFolder { folder in
      try CheckpointFile.save(value, to: folder + "/order.pt")
      let read = try CheckpointFile.load(folder + "/order.pt")
      #expect(read.dictionaryValue?.map(\.key.string) == ["zebra", "ape", nil])
      #expect(read["zebra"]?.tensor?.requiresGrad == true)
      #expect(read["ape"]?[0]?.double == 1.5)
      #expect(read[7]?.array?.count == 0)
    }
  }
}

/// A value as text, tensors with dtype, shape and elements.
func text(_ value: PickleValue) -> String {
  switch value {
  case .none: "None"
  case .bool(let value): "\(value)"
  case .int(let value): "\(value)"
  case .double(let value): "\(value.bitPattern)"
  case .string(let value): "'\(value)'"
  case .tensor(let value):
    "\(value.dtype)\(value.shape)\(value.strides)\(value.requiresGrad)\(value.bytes)"
  case .unread(let dtype, let count): "\(dtype)[\(count)]"
  case .list(let items): "[\(items.map(text).joined(separator: ", "))]"
  case .tuple(let items): "(\(items.map(text).joined(separator: ", ")))"
  case .dictionary(let pairs):
    "{\(pairs.map { "\(text($0.key)): \(text($0.value))" }.joined(separator: ", "))}"
  }
}
