import Foundation
import Testing
import Torch

@Suite struct SafetensorsTests {
  @Test func readsWhatPythonWrote() throws {
    let path = fileFixture("everything.safetensors")
    let tensors = try Safetensors.load(path)
    #expect(tensors.count == DType.allCases.count + 2)
    for dtype in DType.allCases {
      let tensor = try #require(tensors[dtype.rawValue])
      #expect(tensor.dtype == dtype)
      #expect(tensor.doubles == (dtype == .bool ? [0, 1, 1] : [0, 1, 100]))
    }
    #expect(tensors["x"]?.shape == [2, 3])
    #expect(tensors["x"]?.floats == [0, 1, 2, 3, 4, 5])
    #expect(tensors["scalar"]?.shape == [])
    #expect(tensors["scalar"]?.item() == 7)
    let metadata = ["format": "pt", "quote": "a \"b\" \\ ü\n"]
    #expect(try Safetensors.metadata(path) == metadata)
  }

  @Test func roundTrips() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/all.safetensors"
      let saved: [(name: String, tensor: Tensor)] =
        DType.allCases.reversed().map { ($0.rawValue, Tensor([0, 1, 2] as [Float]).to($0)) } + [
          ("scalar", Tensor(scalar: 3)), ("empty", .zeros([0, 4])),
          ("odd \"name\"\n/世", Tensor.arange(6).reshape([2, 3]).transpose(0, 1)),
        ]
      let metadata = ["b": "2", "a": "\u{1}\\"]
      try Safetensors.save(saved, metadata: metadata, to: path)
      let read = try Safetensors.load(path)
      #expect(read.count == saved.count)
      for (name, tensor) in saved {
        #expect(read[name]?.dtype == tensor.dtype)
        #expect(read[name]?.shape == tensor.shape)
        #expect(read[name]?.bytes == tensor.bytes)
      }
      #expect(try Safetensors.metadata(path) == metadata)

      // Writes stay in memory; files are the same for the same tensors, and replaced whole.
      let bytes = try contents(path)
      read["float32"]!.fill_(9)
      #expect(try Safetensors.load(path)["float32"]?.floats == [0, 1, 2])
      try Safetensors.save(saved, metadata: metadata, to: path)
      #expect(try contents(path) == bytes)
      #expect(read["float64"]?.doubles == [0, 1, 2])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["all.safetensors"])
    }
  }

  /// What the reference implementation writes and reads, and was refused or lost here.
  @Test func readsOddFiles() throws {
    let names = try Safetensors.load(fileFixture("names.safetensors"))
    #expect(names.count == 2)
    #expect(names["caf\u{E9}"]?.floats == [1] && names["cafe\u{301}"]?.floats == [2])
    try withTemporaryFolder { folder in
      func write(_ header: String, _ data: [UInt8]) throws -> String {
        let path = folder + "/odd.safetensors"
        let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian, Array.init)
        try TorchTests.write(Data(length + header.utf8 + data), path)
        return path
      }
      let x = #""x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#
      let none = try write(#"{"__metadata__":null,\#(x)}"#, [0, 0, 128, 63])
      #expect(try Safetensors.load(none)["x"]?.floats == [1])
      #expect(try Safetensors.metadata(none).isEmpty)
      let twice = try write(
        #"{"x":{"dtype":"I8","shape":[4],"data_offsets":[0,4]},\#(x)}"#, [0, 0, 128, 63])
      #expect(try Safetensors.load(twice)["x"]?.floats == [1])
      for (dtype, bits) in [
        ("F8_E4M3", 8), ("F8_E5M2", 8), ("F8_E8M0", 8), ("F4", 4), ("F6_E2M3", 6), ("U16", 16),
        ("U32", 32), ("U64", 64), ("C64", 64),
      ] {
        let end = 4 + bits
        let odd = try write(
          #"{\#(x),"y\u0061":{"dtype":"\#(dtype)","shape":[2,4],"data_offsets":[4,\#(end)]}}"#,
          [0, 0, 128, 63] + Array(repeating: 0, count: bits))
        let state = try Safetensors.load(odd)
        #expect(state["x"]?.floats == [1] && state["ya"] == nil)
        guard case .unread(dtype, 8)? = state[entry: "ya"] else {
          Issue.record("\(dtype)")
          continue
        }
        let layer = Linear(weight: .zeros([1]), bias: nil)
        let fault = #expect(throws: StateError.self) {
          try layer.load(["weight": .zeros([1])] as StateDictionary)
          var wanted: StateDictionary = [:]
          wanted[entry: "weight"] = state[entry: "ya"]
          try layer.load(wanted)
        }
        #expect(
          fault?.description.contains("weight is \(dtype), wanted floating point") == true)
      }
    }
  }

  @Test func keepsMemoryAlive() throws {
    var tensor: Tensor? = try Safetensors.load(fileFixture("everything.safetensors"))["x"]
    let row = tensor![1]
    tensor = nil
    #expect(row.floats == [3, 4, 5])
  }

  @Test func readsShards() throws {
    let tensors = try Safetensors.loadSharded(fileFixture("shards.safetensors.index.json"))
    #expect(tensors["a"]?.floats == [1])
    #expect(tensors["b"]?.floats == [2, 3])
  }

  @Test func namesMissingShards() throws {
    try withTemporaryFolder { folder in
      func index(_ map: String) throws -> String {
        let path = folder + "/model.safetensors.index.json"
        try write(Data("{\"weight_map\": {\(map)}}".utf8), path)
        return fileFault { _ = try Safetensors.loadSharded(path) }
      }
      try write(contents(fileFixture("shard-1.safetensors")), folder + "/1.safetensors")
      let missing = try index(#""a": "1.safetensors", "b": "2.safetensors", "c": "3.safetensors""#)
      #expect(missing.contains("not beside it: 2.safetensors, 3.safetensors"))
      #expect(
        try index(#""a": "1.safetensors", "x": "1.safetensors""#).contains("x (1.safetensors)"))
      #expect(try index(#""a": "../1.safetensors""#).contains("in its own folder"))
      #expect(try index(#""a": 5"#).contains("of the wrong type at weight_map.a"))
    }
  }

  @Test func explainsBadHeaders() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/bad.safetensors"
      func fault(_ header: String, _ data: Int, length: UInt64? = nil) throws -> String {
        var bytes = Data()
        withUnsafeBytes(of: (length ?? UInt64(header.utf8.count)).littleEndian) { bytes += $0 }
        try write(bytes + Data(header.utf8) + Data(count: data), path)
        return fileFault { _ = try Safetensors.load(path) }
      }
      func entry(_ dtype: String, _ shape: String, _ begin: Int, _ end: Int) -> String {
        #"{"dtype":"\#(dtype)","shape":\#(shape),"data_offsets":[\#(begin),\#(end)]}"#
      }
      let x = entry("F32", "[2]", 0, 8)
      #expect(try fault("{\"x\":\(x)}", 7).contains("tensor x is truncated"))
      #expect(try fault("{\"x\":\(x)}", 9).contains("1 bytes behind its last tensor"))
      #expect(
        try fault("{\"x\":\(entry("F4", "[40]", 0, 8))}", 8)
          .contains("tensor x has 8 bytes, too few for F4 of shape [40]"))
      #expect(try fault("{\"x\":\(entry("F32", "[3]", 0, 8))}", 8).contains("wants 12"))
      #expect(try fault("{\"x\":\(entry("F32", "[-2]", 0, 8))}", 8).contains("impossible shape"))
      #expect(
        try fault("{\"x\":\(entry("F32", "[4611686018427387904,4]", 0, 0))}", 0)
          .contains("impossible shape"))
      #expect(try fault("{\"x\":\(entry("F32", "[1e30]", 0, 8))}", 8).contains("header is"))
      #expect(try fault("{\"x\":\(entry("F32", "[2]", 8, 0))}", 8).contains("data_offsets"))
      #expect(
        try fault("{\"x\":\(x),\"y\":\(entry("F32", "[2]", 4, 12))}", 12).contains("overlaps"))
      #expect(try fault("{\"x\":\(x),\"y\":\(entry("F32", "[1]", 12, 16))}", 16).contains("hole"))
      #expect(
        try fault(#"{"x":{"dtype":"F32","shape":[1]}}"#, 4).contains("without data_offsets at x"))
      #expect(try fault("{\"x\":", 0).contains("not valid JSON"))
      // A boolean is any byte: not zero is true.
      try write(
        Data([64] + Array(repeating: 0, count: 7))
          + Data("{\"x\":\(entry("BOOL", "[3]", 0, 3))}".utf8).padded(64) + Data([0, 1, 7]), path)
      #expect(try Safetensors.load(path)["x"]?.bytes == [0, 1, 1])
      #expect(try fault("{}", 0, length: 3).contains("truncated: its header ends at byte 11"))
      #expect(try fault("{}", 0, length: .max).contains("no safetensors file"))
      try write(Data("abc".utf8), path)
      #expect(fileFault { _ = try Safetensors.load(path) }.contains("it has 3 bytes"))
      #expect(fileFault { _ = try Safetensors.load(folder + "/none") }.contains("no such file"))
    }
  }
}

extension Data {
  fileprivate func padded(_ count: Int) -> Data {
    self + Data(repeating: UInt8(ascii: " "), count: count - self.count)
  }
}
